/** How a worker starts by itself with its machine: as a service of systemd or launchd. */
@NullMarked
package org.barnraiser.worker.service;

import org.jspecify.annotations.NullMarked;

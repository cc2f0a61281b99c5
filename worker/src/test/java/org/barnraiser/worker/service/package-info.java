@NullMarked
package org.barnraiser.worker.service;

import org.jspecify.annotations.NullMarked;

/** The pages for people: their files, what they ask of the server, and what a host may set about them. */
@NullMarked
package org.barnraiser.coordinator.web;

import org.jspecify.annotations.NullMarked;

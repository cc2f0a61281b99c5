/** The worker as a program on the network: its gRPC services, the links to its neighbours, and its registration. */
@NullMarked
package org.barnraiser.worker.node;

import org.jspecify.annotations.NullMarked;

package org.barnraiser.trust;

import io.grpc.MethodDescriptor;
import java.util.Optional;

/** Which calls a server takes from whom. Called on the network's threads; must not block. */
public interface Admission {
    /**
     * Whether the call is taken.
     *
     * @param caller empty when it has shown no certificate
     */
    boolean admits(Optional<Identity> caller, MethodDescriptor<?, ?> method);
}

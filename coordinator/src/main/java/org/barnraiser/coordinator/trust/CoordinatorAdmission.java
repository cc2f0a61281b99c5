package org.barnraiser.coordinator.trust;

import io.grpc.MethodDescriptor;
import java.util.Optional;
import org.barnraiser.proto.EnrolmentGrpc;
import org.barnraiser.proto.LeaderGrpc;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Identity;

/** Who may call a coordinator: whoever holds an invitation to join, workers for weights,
 * certificates and to meet each other, relays for certificates, coordinators for the rest. */
final class CoordinatorAdmission implements Admission {
    @Override
    public boolean admits(Optional<Identity> caller, MethodDescriptor<?, ?> method) {
        if (method.getFullMethodName().equals(EnrolmentGrpc.getJoinMethod().getFullMethodName())) {
            return true;
        }
        String service = String.valueOf(method.getServiceName());
        return caller.filter(member -> switch (member.role()) {
            case COORDINATOR -> true;
            case WORKER -> !service.equals(LeaderGrpc.SERVICE_NAME);
            case RELAY -> service.equals(EnrolmentGrpc.SERVICE_NAME);
        }).isPresent();
    }
}

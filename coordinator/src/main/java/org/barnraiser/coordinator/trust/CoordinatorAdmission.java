package org.barnraiser.coordinator.trust;

import io.grpc.MethodDescriptor;
import java.util.Optional;
import org.barnraiser.proto.EnrolmentGrpc;
import org.barnraiser.proto.LeaderGrpc;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;

/** Who may call a coordinator: whoever holds an invitation to join, members for weights and certificates, coordinators for the rest. */
final class CoordinatorAdmission implements Admission {
    @Override
    public boolean admits(Optional<Identity> caller, MethodDescriptor<?, ?> method) {
        if (method.getFullMethodName().equals(EnrolmentGrpc.getJoinMethod().getFullMethodName())) {
            return true;
        }
        boolean leaders = LeaderGrpc.SERVICE_NAME.equals(method.getServiceName());
        return caller.filter(member -> !leaders || member.role() == Role.COORDINATOR).isPresent();
    }
}

package org.barnraiser.worker.node;

import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.proto.ReachGrpc;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Identity;

/**
 * Who may call a worker: a coordinator for everything; other workers for pieces, to see whether they reach it, to come when they were summoned,
 * and to hand on steps, of which the stage itself takes its predecessor's alone; and this very machine to lend itself or to be taken back.
 */
record WorkerAdmission(String workerId) implements Admission {
    private static final Set<String> EVERY_WORKERS = Set.of(StageGrpc.getStepsMethod().getFullMethodName(),
            WeightsGrpc.getReadMethod().getFullMethodName(), WeightsGrpc.getListMethod().getFullMethodName(),
            WorkerControlGrpc.getProbeMethod().getFullMethodName(), ReachGrpc.getAnswerMethod().getFullMethodName());
    private static final Set<String> ITS_OWN = Set.of(WorkerControlGrpc.getDescribeMethod().getFullMethodName(),
            WorkerControlGrpc.getPulseMethod().getFullMethodName(),
            WorkerControlGrpc.getLendMethod().getFullMethodName());

    @Override
    public boolean admits(Optional<Identity> caller, MethodDescriptor<?, ?> method) {
        return caller.filter(member -> switch (member.role()) {
            case COORDINATOR -> true;
            case WORKER -> EVERY_WORKERS.contains(method.getFullMethodName())
                    || (member.id().equals(workerId) && ITS_OWN.contains(method.getFullMethodName()));
            case RELAY -> false;
        }).isPresent();
    }
}

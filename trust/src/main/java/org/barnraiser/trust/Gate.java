package org.barnraiser.trust;

import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** Stands before a server's calls: who was removed, and who may not make this call, is refused; all others are known to the handler. */
final class Gate implements ServerInterceptor {
    private final Admission admission;
    private final Revocations revocations;
    private final LiveCalls calls;
    private final Refusals refusals;

    Gate(Admission admission, Revocations revocations, LiveCalls calls, Refusals refusals) {
        this.admission = admission;
        this.revocations = revocations;
        this.calls = calls;
        this.refusals = refusals;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
            ServerCallHandler<Q, A> next) {
        Optional<X509Certificate> certificate = LiveCalls.peer(call.getAttributes());
        Optional<Identity> caller = certificate.flatMap(Identity::of);
        String words = caller.map(Identity::toString).orElse("a caller without a certificate");
        if (certificate.filter(revocations::isRevoked).isPresent()) {
            return refuse(call, Status.PERMISSION_DENIED, words + " was removed from the cluster");
        }
        if (!admission.admits(caller, call.getMethodDescriptor())) {
            Status status = caller.isPresent() ? Status.PERMISSION_DENIED : Status.UNAUTHENTICATED;
            return refuse(call, status, words + " may not call " + call.getMethodDescriptor().getFullMethodName());
        }
        if (caller.isEmpty()) {
            return next.startCall(call, headers);
        }
        var guarded = new GuardedCall<>(call, certificate.orElseThrow());
        return calls.track(guarded, Contexts.interceptCall(caller.get().inContext(), guarded, headers, next));
    }

    private <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status, String reason) {
        refusals.tell("A call was refused: " + reason + ".");
        call.close(status.withDescription("Refused: " + reason + "."), new Metadata());
        return new ServerCall.Listener<>() {
        };
    }
}

package org.barnraiser.coordinator.trust;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.barnraiser.proto.Enrolled;
import org.barnraiser.proto.EnrolmentGrpc;
import org.barnraiser.proto.JoinRequest;
import org.barnraiser.proto.LeaveRequest;
import org.barnraiser.proto.LeaveResponse;
import org.barnraiser.proto.RenewRequest;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.StandingKey;
import org.barnraiser.trust.TrustException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets machines in that were invited, gives members their next certificates, and lets them go. Each call has a virtual thread, and a few run at once. */
final class EnrolmentService extends EnrolmentGrpc.EnrolmentImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(EnrolmentService.class);
    private static final int MAX_AT_ONCE = 16;
    private static final int MAX_SECRET_CHARS = 100;

    private final Authority authority;
    private final Invitations invitations;
    private final Optional<StandingKey> standing;
    private final Consumer<X509Certificate> issued;
    private final String zooKeeper;
    private final Duration life;
    private final Semaphore turns = new Semaphore(MAX_AT_ONCE);

    /**
     * @param standing by whose invitations workers come as often as they like
     * @param issued is told of each certificate
     * @param zooKeeper that members are told
     * @param life of each certificate
     */
    EnrolmentService(Authority authority, Invitations invitations, Optional<StandingKey> standing,
            Consumer<X509Certificate> issued, String zooKeeper, Duration life) {
        this.issued = issued;
        this.standing = standing;
        this.authority = authority;
        this.invitations = invitations;
        this.zooKeeper = zooKeeper;
        this.life = life;
    }

    @Override
    public void join(JoinRequest request, StreamObserver<Enrolled> response) {
        answer(response, () -> joined(request));
    }

    private Enrolled joined(JoinRequest request) throws StatusException, TrustException {
        String id = request.getMemberId();
        if (!Identity.isId(id) || request.getSecret().length() > MAX_SECRET_CHARS) {
            throw Status.INVALID_ARGUMENT.withDescription("The name of a member has up to 63 letters, digits, dots,"
                    + " dashes and underscores.").asException();
        }
        if (standing.filter(key -> key.opens(request.getSecret(), id)).isPresent()) {
            // Whoever had this name before is gone: of pods with one name there is never more than one.
            Identity identity = new Identity(Role.WORKER, id);
            X509Certificate certificate = authority.issue(identity, request.getSigningRequest(), life);
            LOG.info("The {} has come to the cluster.", identity);
            return enrolled(certificate);
        }
        Role role;
        try {
            role = invitations.take(request.getSecret());
        } catch (TrustException e) {
            LOG.warn("\"{}\" was not let in: {}", id, e.getMessage());
            throw Status.PERMISSION_DENIED.withDescription(e.getMessage()).asException();
        }
        boolean done = false;
        try {
            Identity identity = new Identity(role, id);
            X509Certificate certificate = authority.admit(identity, request.getSigningRequest(), life)
                    .orElseThrow(() -> Status.ALREADY_EXISTS.withDescription("A member is called " + id
                            + " already. Choose another --name; or 'barn remove " + id
                            + "' first, if that was this machine.").asException());
            done = true;
            LOG.info("The {} has joined the cluster.", identity);
            return enrolled(certificate);
        } finally {
            if (!done) {
                invitations.giveBack(request.getSecret());
            }
        }
    }

    @Override
    public void renew(RenewRequest request, StreamObserver<Enrolled> response) {
        Identity caller = Identity.ofCaller().orElseThrow();
        answer(response, () -> {
            X509Certificate next = authority.issue(caller, request.getSigningRequest(), life);
            LOG.info("The certificate of {} was renewed.", caller);
            return enrolled(next);
        });
    }

    @Override
    public void leave(LeaveRequest request, StreamObserver<LeaveResponse> response) {
        Identity caller = Identity.ofCaller().orElseThrow();
        answer(response, () -> {
            if (authority.revoke(caller.id())) {
                LOG.info("The {} has left the cluster.", caller);
            }
            return LeaveResponse.getDefaultInstance();
        });
    }

    private Enrolled enrolled(X509Certificate certificate) throws TrustException {
        issued.accept(certificate);
        try {
            return Enrolled.newBuilder().setCertificate(ByteString.copyFrom(certificate.getEncoded()))
                    .setAuthority(ByteString.copyFrom(authority.certificate().getEncoded()))
                    .setRevocations(authority.revocations().map(ByteString::copyFrom).orElse(ByteString.EMPTY))
                    .setZookeeper(zooKeeper).build();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("A certificate that was made can be written", e);
        }
    }

    private interface Answer<A> {
        A get() throws StatusException, TrustException;
    }

    private <A> void answer(StreamObserver<A> response, Answer<A> answer) {
        if (!turns.tryAcquire()) {
            response.onError(Status.RESOURCE_EXHAUSTED.withDescription("Too many machines join at once.")
                    .asException());
            return;
        }
        Thread.ofVirtual().name("enrolment").start(() -> {
            try {
                response.onNext(answer.get());
                response.onCompleted();
            } catch (StatusException e) {
                response.onError(e);
            } catch (TrustException e) {
                LOG.warn("A certificate was not signed: {}", e.getMessage());
                response.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
            } finally {
                turns.release();
            }
        });
    }
}

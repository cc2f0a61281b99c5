package org.barnraiser.trust;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.barnraiser.proto.Enrolled;
import org.barnraiser.proto.EnrolmentGrpc;
import org.barnraiser.proto.JoinRequest;
import org.barnraiser.proto.LeaveRequest;
import org.barnraiser.proto.RenewRequest;

/** The member's side of joining a cluster, of staying in it, and of leaving it. Every call blocks some seconds at most. */
public final class Enrolling {
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    private static final long PATIENCE_SECONDS = 20;

    private Enrolling() {}

    /**
     * Exchanges an invitation for membership.
     *
     * @param identity that is wished for; the role must be the one that the invitation is for
     * @throws UnreachableException when it cannot be asked now
     * @throws TrustException when it is refused, or the coordinator is not the one that the invitation is from
     */
    public static Membership join(Invitation invitation, Identity identity) throws TrustException {
        var contact = new FirstContact(invitation.fingerprint());
        SigningRequest request = SigningRequest.of(identity);
        ManagedChannel channel = NettyChannelBuilder.forTarget(PlainLinks.target(invitation.address()))
                .sslContext(context(contact)).maxInboundMessageSize(MAX_MESSAGE_BYTES).build();
        try {
            Enrolled enrolled = EnrolmentGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .join(JoinRequest.newBuilder().setSecret(invitation.secret()).setMemberId(identity.id())
                            .setSigningRequest(request.der()).build());
            X509Certificate authority = certificate(enrolled.getAuthority());
            if (!Fingerprint.of(authority).equals(invitation.fingerprint())) {
                throw new TrustException("The coordinator at " + invitation.address()
                        + " has sent another authority than its own.");
            }
            return new Membership(credentials(request, enrolled, authority, identity), invitation.address(),
                    enrolled.getZookeeper());
        } catch (StatusRuntimeException e) {
            String refusal = contact.refusal();
            throw refusal == null ? failure(invitation.address(), e) : new TrustException(refusal, e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static SslContext context(TrustManager trust) {
        try {
            return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK).trustManager(trust)
                    .protocols("TLSv1.3").build();
        } catch (SSLException e) {
            throw new IllegalStateException("Every Java has TLS 1.3", e);
        }
    }

    /**
     * Ends a membership: its certificates do not count any more.
     *
     * @param folder in which it is kept
     * @throws UnreachableException when the coordinator cannot be told now
     * @throws TrustException when that is refused
     */
    public static void leave(Membership membership, Path folder) throws TrustException {
        ManagedChannel channel = membership.links(folder).to(membership.coordinator(), Set.of(Role.COORDINATOR),
                options -> options.maxInboundMessageSize(MAX_MESSAGE_BYTES));
        try {
            var _ = EnrolmentGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .leave(LeaveRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw failure(membership.coordinator(), e);
        } finally {
            channel.shutdownNow();
        }
    }

    /** The next credentials of a member. */
    static Credentials renewed(SecureLinks links, String coordinator) throws TrustException {
        Credentials present = links.credentials();
        SigningRequest request = SigningRequest.of(present.identity());
        ManagedChannel channel = links.to(coordinator, Set.of(Role.COORDINATOR),
                options -> options.maxInboundMessageSize(MAX_MESSAGE_BYTES));
        try {
            Enrolled enrolled = EnrolmentGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .renew(RenewRequest.newBuilder().setSigningRequest(request.der()).build());
            return credentials(request, enrolled, present.authority(), present.identity());
        } catch (StatusRuntimeException e) {
            throw failure(coordinator, e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static Credentials credentials(SigningRequest request, Enrolled enrolled, X509Certificate authority,
            Identity identity) throws TrustException {
        X509Certificate certificate = certificate(enrolled.getCertificate());
        try {
            certificate.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new TrustException("The coordinator has sent a certificate that its authority has not signed.", e);
        }
        if (!certificate.getPublicKey().equals(request.keys().getPublic())
                || Identity.of(certificate).filter(identity::equals).isEmpty()) {
            throw new TrustException("The coordinator has sent a certificate of somebody else.");
        }
        return new Credentials(request.keys().getPrivate(), certificate, authority);
    }

    private static X509Certificate certificate(ByteString der) throws TrustException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der.toByteArray()));
        } catch (GeneralSecurityException e) {
            throw new TrustException("The coordinator has sent a certificate that cannot be read.", e);
        }
    }

    private static TrustException failure(String address, StatusRuntimeException e) {
        String said = e.getStatus().getDescription();
        return switch (e.getStatus().getCode()) {
            case PERMISSION_DENIED, ALREADY_EXISTS, INVALID_ARGUMENT ->
                new TrustException(said == null ? "It is refused." : said, e);
            // As of one that is about to start, too.
            case UNIMPLEMENTED -> new UnreachableException(
                    "The coordinator at " + address + " does not keep the cluster's authority.", e);
            default -> new UnreachableException("The coordinator at " + address + " cannot be reached: "
                    + (said == null ? e.getStatus().getCode().toString() : said)
                    + "; check the address, and that it runs with certificates.", e);
        };
    }
}

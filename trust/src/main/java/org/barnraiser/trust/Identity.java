package org.barnraiser.trust;

import io.grpc.Context;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * Who a member of the cluster is, as its certificate's subject says.
 *
 * @param id stable over restarts and certificates; a worker's is its name
 */
public record Identity(Role role, String id) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Context.Key<Identity> PEER = Context.key("peer");

    public Identity {
        if (!isId(id)) {
            throw new IllegalArgumentException("\"" + id
                    + "\" is no name for a member: use up to 63 letters, digits, dots, dashes and underscores");
        }
    }

    /** Whether a member may have this id. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Who made the call that the current thread handles; empty where links are plain. */
    public static Optional<Identity> ofCaller() {
        return Optional.ofNullable(PEER.get());
    }

    Context inContext() {
        return Context.current().withValue(PEER, this);
    }

    /** Empty when this is not the certificate of a member. */
    static Optional<Identity> of(X509Certificate certificate) {
        X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        String id = only(subject, BCStyle.CN);
        return isId(id) ? Role.of(only(subject, BCStyle.OU)).map(role -> new Identity(role, id)) : Optional.empty();
    }

    private static String only(X500Name name, ASN1ObjectIdentifier attribute) {
        RDN[] values = name.getRDNs(attribute);
        return values.length == 1 ? IETFUtils.valueToString(values[0].getFirst().getValue()) : "";
    }

    X500Name subject() {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "Barnraiser").addRDN(BCStyle.OU, role.word())
                .addRDN(BCStyle.CN, id).build();
    }

    @Override
    public String toString() {
        return role.word() + " " + id;
    }
}

package org.barnraiser.trust;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine that has joined a cluster, while it runs: its links, its certificate that is renewed in time, and what it knows of members
 * that were removed, which it keeps in its folder.
 */
public final class Member implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Member.class);
    private static final String REVOKED = "revoked.crl";

    private final SecureLinks links;
    private final Rotation rotation;

    private Member(SecureLinks links, Rotation rotation) {
        this.links = links;
        this.rotation = rotation;
    }

    /** @param folder that the membership was read from */
    public static Member start(Membership membership, Path folder) throws TrustException {
        SecureLinks links = membership.links(folder);
        PrivateFolder files = PrivateFolder.at(folder);
        try {
            if (files.has(REVOKED)) {
                var _ = links.revocations().accept(files.read(REVOKED));
            }
        } catch (IOException e) {
            throw new TrustException(files.path(REVOKED) + " cannot be read: " + e.getMessage() + ".", e);
        }
        links.revocations().onChange(() -> keep(files, links.revocations()));
        return new Member(links, Rotation.start(links, membership, folder));
    }

    private static void keep(PrivateFolder files, Revocations revocations) {
        try {
            files.write(REVOKED, revocations.newest());
        } catch (IOException e) {
            LOG.warn("Who was removed from the cluster will have to be learned anew after a restart: {}",
                    e.getMessage());
        }
    }

    public SecureLinks links() {
        return links;
    }

    @Override
    public void close() {
        rotation.close();
    }
}

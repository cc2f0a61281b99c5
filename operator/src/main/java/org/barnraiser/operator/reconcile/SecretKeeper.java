package org.barnraiser.operator.reconcile;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.operator.manifests.Manifest;
import org.barnraiser.operator.manifests.Names;
import org.barnraiser.operator.manifests.SecretManifests;
import org.barnraiser.operator.manifests.Secrets;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.StandingKey;
import org.barnraiser.trust.TrustException;

/**
 * Makes the Secrets of a cluster that are not there, and reads those that are: the authority of its machines, and keys for its API. What one
 * holds is never changed here; one that somebody deletes is made anew, and machines and coordinators follow.
 */
final class SecretKeeper {
    private static final String AUTHORITY = "authority.pem";
    private static final String STANDING_KEY = "standing-key";
    private static final String ADMIN = "admin";
    private static final String MEMBER = "member";

    private final KubeApi api;

    SecretKeeper(KubeApi api) {
        this.api = api;
    }

    /**
     * What they hold.
     *
     * @param key with which the operator itself asks coordinators
     * @param admin with which it tells them who is gone
     */
    record Kept(Secrets secrets, String key, String admin) {
        /** Not what they hold: this may end in a log. */
        @Override
        public String toString() {
            return secrets.toString();
        }
    }

    /** @throws TrustException when a Secret does not hold what it should */
    Kept of(InferenceCluster cluster) throws KubeException, TrustException {
        Names names = Names.of(cluster);
        Map<String, String> keys = keep(cluster, names.keys(), SecretKeeper::newKeys);
        String member = entry(names.keys(), keys, MEMBER);
        String admin = entry(names.keys(), keys, ADMIN);
        String content = member + admin;
        Optional<Secrets.Trust> trust = Optional.empty();
        if (cluster.spec().tls()) {
            Map<String, String> authority = keep(cluster, names.authority(), SecretKeeper::newAuthority);
            String standingKey = entry(names.authority(), authority, STANDING_KEY);
            String fingerprint = Fingerprint.ofPem(entry(names.authority(), authority, AUTHORITY));
            trust = Optional.of(new Secrets.Trust(fingerprint, StandingKey.parse(standingKey)));
            content += fingerprint + standingKey;
        }
        return new Kept(new Secrets(Fingerprint.sha256(content.getBytes(StandardCharsets.UTF_8)), trust), member,
                admin);
    }

    private static Map<String, String> newKeys() {
        return Map.of(ADMIN, "barn_" + Invitation.newSecret(), MEMBER, "barn_" + Invitation.newSecret());
    }

    private static Map<String, String> newAuthority() {
        return Map.of(AUTHORITY, Authority.newPem(InstantSource.system()), STANDING_KEY, Invitation.newSecret());
    }

    private Map<String, String> keep(InferenceCluster cluster, String name, Supplier<Map<String, String>> fresh)
            throws KubeException, TrustException {
        String collection = Manifest.collection("v1", cluster.namespace(), "secrets");
        Optional<Tree> there = api.get(collection + "/" + name);
        if (there.isPresent()) {
            return decoded(name, there.get());
        }
        Map<String, String> content = fresh.get();
        var _ = api.create(collection, SecretManifests.ofCoordinators(cluster, name, content).body());
        return content;
    }

    private static Map<String, String> decoded(String name, Tree secret) throws TrustException {
        Map<String, String> content = new LinkedHashMap<>();
        try {
            secret.at("data").texts().forEach((key, value) -> content.put(key,
                    new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8).strip()));
            return content;
        } catch (IllegalArgumentException e) {
            throw new TrustException("Secret " + name + " holds what is no base64.", e);
        }
    }

    private static String entry(String secret, Map<String, String> content, String key) throws TrustException {
        String value = content.getOrDefault(key, "");
        if (value.isEmpty()) {
            throw new TrustException("Secret " + secret + " has no entry " + key
                    + "; add it, or delete the Secret, and another is made.");
        }
        return value;
    }
}

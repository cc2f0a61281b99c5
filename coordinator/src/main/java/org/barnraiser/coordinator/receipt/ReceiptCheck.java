package org.barnraiser.coordinator.receipt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Seal;
import org.barnraiser.trust.TrustException;

/** A receipt as somebody holds it: believed in nothing before its seal is checked. */
public final class ReceiptCheck {
    private static final int MAX_BYTES = 16 << 20;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(40).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build()).build();

    private final JsonNode content;
    private final JsonNode seal;

    private ReceiptCheck(JsonNode content, JsonNode seal) {
        this.content = content;
        this.seal = seal;
    }

    /** Not a receipt, or one that does not hold; the message says why. */
    public static final class InvalidReceiptException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidReceiptException(String reason) {
            super(reason);
        }
    }

    /**
     * Reads a receipt.
     *
     * @param json of a receipt alone, or of an answer with one
     */
    public static ReceiptCheck read(byte[] json) throws InvalidReceiptException {
        if (json.length > MAX_BYTES) {
            throw new InvalidReceiptException("It is longer than " + MAX_BYTES + " bytes, so it is no receipt.");
        }
        try {
            JsonNode root = MAPPER.readTree(json);
            JsonNode receipt = root.has("receipt") ? root.path("receipt") : root;
            JsonNode content = receipt.path(Receipts.CONTENT);
            if (!content.path("kind").asText().equals(Receipts.KIND)) {
                throw new InvalidReceiptException("It is no receipt of Barnraiser, nor an answer that has one.");
            }
            if (content.path("version").asInt() != Receipts.VERSION) {
                throw new InvalidReceiptException("It is a receipt of version " + content.path("version").asText()
                        + "; this program reads version " + Receipts.VERSION + ".");
            }
            return new ReceiptCheck(content, receipt.path(Receipts.SEAL));
        } catch (IOException _) {
            throw new InvalidReceiptException("It is no JSON, or has a name twice.");
        }
    }

    /** What the receipt says. */
    public JsonNode content() {
        return content;
    }

    /** Whether a coordinator with a certificate has sealed it; else nobody vouches for what it says. */
    public boolean isSealed() {
        return seal.isObject();
    }

    /**
     * Who has sealed it, and in which cluster.
     *
     * @param fingerprint of the cluster's authority
     */
    public record Sealed(Identity coordinator, String fingerprint) {}

    /** Checks the seal, without a network. Whether the cluster is the right one is told by its fingerprint. */
    public Sealed seal() throws InvalidReceiptException {
        if (!isSealed()) {
            throw new InvalidReceiptException("It is not signed: its coordinator shows no certificates.");
        }
        try {
            Seal signed = new Seal(certificate("certificate"), certificate("authority"),
                    ByteString.copyFrom(bytes("signature")));
            return new Sealed(signed.check(Receipts.PURPOSE, CanonicalJson.of(content),
                    Instant.parse(content.path("issued").asText())), signed.fingerprint());
        } catch (TrustException e) {
            throw new InvalidReceiptException(String.valueOf(e.getMessage()));
        } catch (CertificateException | IllegalArgumentException | DateTimeException e) {
            throw new InvalidReceiptException("Its seal cannot be read: " + e.getMessage() + ".");
        }
    }

    private X509Certificate certificate(String name) throws CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(bytes(name)));
    }

    private byte[] bytes(String name) {
        return Base64.getDecoder().decode(seal.path(name).asText());
    }

    /** The seed with which the first answer is had again. */
    public String seed() {
        return content.path("answers").path(0).path(Receipts.SEED).asText();
    }

    /** In what another receipt, of the same question asked again, differs: one sentence each; empty when it is the same answer. */
    public List<String> differences(ReceiptCheck again) {
        List<String> differences = new ArrayList<>();
        compare("the model", content.path("model").path("digest"), again.content.path("model").path("digest"),
                differences);
        compare("the sampler's settings", content.path("sampling"), again.content.path("sampling"), differences);
        JsonNode answers = content.path("answers");
        JsonNode others = again.content.path("answers");
        compare("the number of answers", answers.size(), others.size(), differences);
        for (int index = 0; index < Math.min(answers.size(), others.size()); index++) {
            JsonNode one = answers.path(index);
            JsonNode other = others.path(index);
            for (String name : List.of("prompt_sha256", Receipts.SEED, "max_tokens", "text_sha256", "reasoning_sha256",
                    "tool_calls_sha256", "completion_tokens", "finish_reason")) {
                compare(name + " of answer " + index, one.path(name), other.path(name), differences);
            }
        }
        return differences;
    }

    private static void compare(String what, Object here, Object there, List<String> differences) {
        if (!here.equals(there)) {
            differences.add(what + " was " + here + " and is " + there);
        }
    }
}

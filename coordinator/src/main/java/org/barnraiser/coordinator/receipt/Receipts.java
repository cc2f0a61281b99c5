package org.barnraiser.coordinator.receipt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.trust.Seal;

/** Writes receipts, and has them sealed where machines show certificates. Thread-safe; never blocks for long. */
public final class Receipts {
    static final String KIND = "barnraiser-receipt";
    static final int VERSION = 1;
    /** What the seal of a receipt is for; published in docs/receipts.md. */
    static final String PURPOSE = "receipt of an answer, version 1";
    static final String CONTENT = "content";
    static final String SEAL = "seal";
    static final String SEED = "seed";

    private final Sealer sealer;
    private final String wire;
    private final ImmutableMap<String, String> quantisations;

    /** Signs as this coordinator. */
    public interface Sealer {
        /** Empty where machines show no certificates. */
        Optional<Seal> seal(String purpose, byte[] content);
    }

    /**
     * What all receipts have in common.
     *
     * @param wire how hidden states travel, as it was asked for
     * @param quantisations by the digests of models
     */
    public Receipts(Sealer sealer, String wire, Map<String, String> quantisations) {
        this.sealer = sealer;
        this.wire = wire;
        this.quantisations = ImmutableMap.copyOf(quantisations);
    }

    /** Receipts of a server that knows no more of itself; nobody seals them. */
    public static Receipts unsealed() {
        return new Receipts((_, _) -> Optional.empty(), "", Map.of());
    }

    /** Begins to take down which plans an answer is made under. */
    public PlanTrail trail(ClusterStatus.Source cluster, ModelDescription model) {
        return new PlanTrail(cluster, model.digest());
    }

    /**
     * The receipt of a request that was answered now.
     *
     * @param asked when the request came
     * @param cachedTokens of the prompt, which were remembered
     */
    public ObjectNode write(ModelDescription model, Instant asked, List<MadeAnswer> answers, int cachedTokens,
            PlanTrail trail) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        ObjectNode content = JsonNodeFactory.instance.objectNode().put("kind", KIND).put("version", VERSION)
                .put("issued", now.toString());
        content.putObject("model").put("name", model.name()).put("digest", "sha256:" + model.digest())
                .put("architecture", model.architecture()).put("context_length", model.contextTokens())
                .put("quantisation", quantisations.getOrDefault(model.digest(), ""));
        content.put("wire", wire);
        content.set("plans", trail.plans());
        content.set("sampling", sampling(answers.getFirst().request().sampling()));
        ArrayNode made = content.putArray("answers");
        answers.forEach(answer -> made.add(answer(answer)));
        content.putObject("times").put("asked", asked.truncatedTo(ChronoUnit.MILLIS).toString())
                .put("answered", now.toString()).put("wall_millis", Duration.between(asked, now).toMillis());
        content.put("cached_tokens", cachedTokens);
        ObjectNode receipt = JsonNodeFactory.instance.objectNode();
        receipt.set(CONTENT, content);
        receipt.set(SEAL, sealer.seal(PURPOSE, CanonicalJson.of(content)).<JsonNode>map(
                Receipts::json).orElse(JsonNodeFactory.instance.nullNode()));
        return receipt;
    }

    private static ObjectNode answer(MadeAnswer answer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode()
                .put("prompt_tokens", answer.request().promptTokens().length())
                .put("prompt_sha256", TextDigest.of(answer.request().promptTokens()))
                .put("max_tokens", answer.request().maxTokens())
                // 64 bits are more than every program reads.
                .put(SEED, Long.toUnsignedString(answer.request().sampling().getSeed()))
                .put("completion_tokens", answer.completionTokens()).put("finish_reason", answer.finishReason());
        answer.digests().forEach((what, digest) -> node.put(what + "_sha256", digest));
        return node;
    }

    /** All settings but the seed, which each answer has its own of. What people write in them is told as its SHA-256. */
    private static ObjectNode sampling(SamplingParameters sampling) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (FieldDescriptor field : SamplingParameters.getDescriptor().getFields()) {
            Object value = sampling.getField(field);
            switch (value) {
                case Float decimal -> node.put(field.getName(), decimal.toString());
                case Integer whole -> node.put(field.getName(), Integer.toUnsignedLong(whole));
                case Boolean flag -> node.put(field.getName(), flag);
                case String text when !text.isEmpty() -> node.put(field.getName() + "_sha256", TextDigest.of(text));
                default -> {
                }
            }
        }
        if (sampling.getDrySequenceBreakersCount() > 0) {
            node.put("dry_sequence_breakers_sha256",
                    TextDigest.of(String.join("\0", sampling.getDrySequenceBreakersList())));
        }
        if (sampling.getLogitBiasCount() > 0) {
            ArrayNode biases = node.putArray("logit_bias");
            for (LogitBias bias : sampling.getLogitBiasList()) {
                biases.addObject().put("token", bias.getToken()).put("bias", Float.toString(bias.getBias()));
            }
        }
        return node;
    }

    private static ObjectNode json(Seal seal) {
        try {
            Base64.Encoder base64 = Base64.getEncoder();
            return JsonNodeFactory.instance.objectNode().put("purpose", PURPOSE)
                    .put("certificate", base64.encodeToString(seal.certificate().getEncoded()))
                    .put("authority", base64.encodeToString(seal.authority().getEncoded()))
                    .put("signature", base64.encodeToString(seal.signature().toByteArray()));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("A certificate that was read can be written", e);
        }
    }
}

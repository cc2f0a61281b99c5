package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import java.util.List;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.Holder;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.ShardSpec;

/** Refuses requests to load a shard whose settings cannot work, before anything is fetched. */
final class LoadRequestCheck {
    static final int MAX_SLOTS = 256;
    private static final int MAX_CONTEXT_TOKENS = 1 << 24;
    private static final int MAX_STEP_TOKENS = 1 << 14;
    private static final int MAX_STAGES = 1024;
    private static final int MAX_NAME_CHARS = 256;
    private static final int MAX_HOLDERS = 256;
    private static final int MAX_ORIGINS = 4096;
    private static final int SHA256_BYTES = 32;
    private static final long MAX_MEMORY_BYTES = 1L << 50;
    /** A step's message beside its hidden states: ids, edits, sampling parameters. */
    private static final long STEP_SLACK_BYTES = 4 << 20;

    private LoadRequestCheck() {}

    /** Checks what the request's extent needs, and nothing else. */
    static void check(LoadShardRequest request) throws StatusException {
        checkSources(request.getWeightsAddress(), request.getHoldersList());
        require(request.getMemoryBytes() >= 0 && request.getMemoryBytes() <= MAX_MEMORY_BYTES,
                "memory_bytes is beyond what any machine has");
        requireRange("the number of origins", request.getOriginsCount(), 0, MAX_ORIGINS);
        require(request.getOriginsList().stream().allMatch(origin -> WebFile.of(origin).isPresent()),
                "an origin is no address of a file on a web server");
        switch (request.getExtent()) {
            case RUN -> {
                checkPlace(request);
                checkSettings(request);
            }
            case PREPARE -> checkSettings(request);
            case FETCH -> {
            }
            case UNRECOGNIZED -> require(false, "its extent is unknown");
        }
    }

    /** Checks where pieces are to be had. */
    static void checkSources(String weightsAddress, List<Holder> holders) throws StatusException {
        requireName("weights_address", weightsAddress, false);
        requireRange("the number of holders", holders.size(), 0, MAX_HOLDERS);
        for (Holder holder : holders) {
            requireName("a holder's worker_id", holder.getWorkerId(), false);
            requireName("a holder's address", holder.getAddress(), false);
            require(holder.getSha256List().stream().allMatch(sha256 -> sha256.size() == SHA256_BYTES),
                    "a holder's sha256 has not " + SHA256_BYTES + " bytes");
        }
    }

    private static void checkPlace(LoadShardRequest request) throws StatusException {
        requireName("pipeline_id", request.getPipelineId(), false);
        requireName("next_stage_address", request.getNextStageAddress(), request.getShard().getTail());
        require(request.getEpoch() > 0, "epoch is " + request.getEpoch() + "; epochs start at 1");
        requireRange("stage_count", request.getStageCount(), 1, MAX_STAGES);
        requireRange("stage_index", request.getStageIndex(), 0, request.getStageCount() - 1);
        ShardSpec shard = request.getShard();
        require(shard.getHead() == (request.getStageIndex() == 0), "the first stage, and only it, must be the head");
        require(shard.getTail() == (request.getStageIndex() == request.getStageCount() - 1),
                "the last stage, and only it, must be the tail");
        require(request.getWire() != Encoding.UNRECOGNIZED, "the encoding of hidden states is unknown");
        require(request.getWire() != Encoding.Q8 || shard.getEmbeddingLength() % 32 == 0,
                "hidden states of width " + shard.getEmbeddingLength() + " are no whole blocks of 32, which Q8 needs");
    }

    private static void checkSettings(LoadShardRequest request) throws StatusException {
        requireRange("slots", request.getSlots(), 1, MAX_SLOTS);
        requireRange("context_tokens", request.getContextTokens(), 1, MAX_CONTEXT_TOKENS);
        requireRange("cache_tokens", request.getCacheTokens(), request.getContextTokens(), MAX_CONTEXT_TOKENS);
        requireRange("max_step_tokens", request.getMaxStepTokens(), 1,
                Math.min(MAX_STEP_TOKENS, request.getCacheTokens()));
        long stepBytes = (long) request.getMaxStepTokens() * request.getShard().getEmbeddingLength() * Float.BYTES
                + STEP_SLACK_BYTES;
        require(stepBytes <= WorkerServer.MAX_MESSAGE_BYTES, "a step of " + request.getMaxStepTokens()
                + " tokens has " + stepBytes + " bytes; at most " + WorkerServer.MAX_MESSAGE_BYTES
                + " go into a message, so use a smaller max_step_tokens");
    }

    private static void requireName(String what, String name, boolean mayBeEmpty) throws StatusException {
        require(mayBeEmpty || !name.isEmpty(), what + " is missing");
        require(name.length() <= MAX_NAME_CHARS, what + " is longer than " + MAX_NAME_CHARS + " characters");
    }

    private static void requireRange(String what, int value, int min, int max) throws StatusException {
        require(value >= min && value <= max, what + " is " + value + ", outside " + min + ".." + max);
    }

    private static void require(boolean condition, String problem) throws StatusException {
        if (!condition) {
            throw Status.INVALID_ARGUMENT.withDescription("The request is refused: " + problem + ".").asException();
        }
    }
}

package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import java.util.HashSet;
import java.util.Set;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.shard.InvalidShardSpecException;
import org.barnraiser.worker.shard.ShardSpecCheck;

/** Refuses adapters that do not belong to the shard that they come with, before anything is fetched. */
final class AdapterCutCheck {
    private static final int MAX_ADAPTERS = 64;

    private AdapterCutCheck() {}

    static void check(LoadShardRequest request) throws StatusException, InvalidShardSpecException {
        require(request.getAdaptersCount() <= MAX_ADAPTERS,
                "it has " + request.getAdaptersCount() + " adapters; at most " + MAX_ADAPTERS + " are allowed");
        Set<String> seen = new HashSet<>();
        for (AdapterCut cut : request.getAdaptersList()) {
            require(cut.getDigest().matches("[0-9a-f]{64}") && seen.add(cut.getDigest()),
                    "an adapter's digest is none, or there twice");
            if (cut.hasFile()) {
                ShardSpec file = cut.getFile();
                ShardSpecCheck.check(file);
                require(file.getModelDigest().equals(cut.getDigest())
                        && file.getLayers().equals(request.getShard().getLayers()) && !file.getHead()
                        && !file.getTail(), "an adapter's file is not the part for the shard's layers");
            }
        }
    }

    private static void require(boolean condition, String problem) throws StatusException {
        if (!condition) {
            throw Status.INVALID_ARGUMENT.withDescription("The request is refused: " + problem + ".").asException();
        }
    }
}

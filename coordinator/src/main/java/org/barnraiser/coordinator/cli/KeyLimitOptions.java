package org.barnraiser.coordinator.cli;

import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.OptionalLong;
import org.barnraiser.coordinator.account.KeyLimits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a key may use, in the words of the command line. */
final class KeyLimitOptions {
    @Option(names = "--models", paramLabel = "NAME", split = ",", description = "Models it may ask (default: all).")
    private @Nullable List<String> models;

    @Option(names = "--requests-per-minute", paramLabel = "N", description = "Answers it may ask for within a minute.")
    private @Nullable Long requestsPerMinute;

    @Option(names = "--tokens-per-minute", paramLabel = "N", description = "Tokens within a minute, prompts and answers together.")
    private @Nullable Long tokensPerMinute;

    @Option(names = "--tokens-per-day", paramLabel = "N", description = "Tokens from midnight to midnight (UTC).")
    private @Nullable Long tokensPerDay;

    @Option(names = "--concurrent", paramLabel = "N", description = "Answers at the same time.")
    private @Nullable Long concurrent;

    @Option(names = "--weight", paramLabel = "N", defaultValue = "1", description = "Its share when there is much to do: 3 gets three"
            + " times what 1 gets (default: ${DEFAULT-VALUE}).")
    private int weight;

    KeyLimits limits() {
        return new KeyLimits(models == null ? ImmutableSet.of() : ImmutableSet.copyOf(models),
                optional(requestsPerMinute), optional(tokensPerMinute), optional(tokensPerDay), optional(concurrent),
                weight);
    }

    private static OptionalLong optional(@Nullable Long number) {
        return number == null ? OptionalLong.empty() : OptionalLong.of(number);
    }
}

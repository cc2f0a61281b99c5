package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import org.barnraiser.coordinator.schedule.DriverLimits;
import org.barnraiser.coordinator.schedule.GenerationLimits;
import org.barnraiser.coordinator.schedule.Speculation;

/**
 * How every stage of a pipeline is loaded.
 *
 * @param slots sequences that run at once
 * @param contextTokens positions one sequence may use; {@link #AUTOMATIC}: what the model was trained for, at most
 *        {@link #DEFAULT_CONTEXT_TOKENS}
 * @param cacheTokens KV-cache cells that all slots share; {@link #AUTOMATIC}: enough for every slot to use its whole context
 * @param maxStepTokens tokens one step may hold
 * @param wire encoding of the hidden states between stages
 * @param remember whether questions that begin alike share what was computed
 * @param speculation whether tokens are guessed ahead
 */
public record PipelineSettings(int slots, int contextTokens, int cacheTokens, int maxStepTokens,
        Wire wire, boolean remember, Speculation speculation) {
    public static final int AUTOMATIC = 0;
    public static final int DEFAULT_CONTEXT_TOKENS = 4096;

    /** llama.cpp tells at most this many sequences apart. */
    private static final int MAX_SLOTS = 64;
    /** Readers who wait for a slot; who comes after them is told so at once. */
    private static final int MAX_WAITING = 64;
    /** Steps in flight beyond one for each stage: enough to hide a way that takes several times as long as a step. */
    private static final int MAX_AHEAD = 8;

    public PipelineSettings {
        if (slots < 1 || slots > MAX_SLOTS) {
            throw new IllegalArgumentException("slots is " + slots + "; it must be from 1 to " + MAX_SLOTS);
        }
        if (contextTokens < 0 || cacheTokens < 0) {
            throw new IllegalArgumentException(
                    "contextTokens is " + contextTokens + " and cacheTokens is " + cacheTokens
                            + "; neither may be negative");
        }
        if (cacheTokens != AUTOMATIC && cacheTokens < contextTokens) {
            throw new IllegalArgumentException("cacheTokens is " + cacheTokens + "; it must be at least contextTokens, "
                    + contextTokens);
        }
        if (maxStepTokens < slots) {
            throw new IllegalArgumentException(
                    "maxStepTokens is " + maxStepTokens + "; it must be at least slots, " + slots);
        }
    }

    /** Four slots, automatic sizes, hidden states exact where links allow. */
    public static PipelineSettings standard() {
        return new PipelineSettings(4, AUTOMATIC, AUTOMATIC, 256, Wire.AUTO, true,
                Speculation.AUTO);
    }

    public PipelineSettings withContextTokens(int tokens) {
        return new PipelineSettings(slots, tokens, cacheTokens, maxStepTokens, wire, remember,
                speculation);
    }

    /** These settings with every automatic value decided for a model. */
    PipelineSettings resolvedFor(int trainedContextTokens) {
        int wanted = contextTokens == AUTOMATIC ? DEFAULT_CONTEXT_TOKENS : contextTokens;
        int cacheLimit = cacheTokens == AUTOMATIC ? Integer.MAX_VALUE : cacheTokens;
        int context = Math.min(Math.min(wanted, trainedContextTokens), cacheLimit);
        int cache = cacheTokens == AUTOMATIC ? Math.multiplyExact(context, slots) : cacheTokens;
        return new PipelineSettings(slots, context, cache, Math.min(maxStepTokens, cache), wire, remember,
                speculation);
    }

    /** Sequences that the caches of stages tell apart: as many again as run, so that answers that gave way go on where they were. */
    int cacheSlots() {
        return remember ? Math.min(2 * slots, MAX_SLOTS) : slots;
    }

    /** Whether no token is ever guessed ahead. */
    boolean guessesNothing() {
        return speculation.mostDrafts() == 0;
    }

    /** What answers are taken in for pipelines that are loaded with these (resolved) settings. */
    GenerationLimits generationLimits(Duration patience, int pipelines) {
        return new GenerationLimits(contextTokens, pipelines * (slots + MAX_WAITING), patience);
    }

    /**
     * How a pipeline of so many stages, loaded with these (resolved) settings, is driven.
     *
     * @param leastSilence while it has work, until it is lost
     */
    DriverLimits driverLimits(int stages, Duration leastSilence) {
        return new DriverLimits(slots, cacheSlots(), contextTokens, cacheTokens, maxStepTokens, stages + MAX_AHEAD,
                MAX_WAITING, DriverLimits.DEFAULT_STEP_TIMEOUT_MILLIS, leastSilence, remember, speculation);
    }
}

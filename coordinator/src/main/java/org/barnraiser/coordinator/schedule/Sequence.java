package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.SamplingParameters;

/** One running generation: its tokens, its slot, and how many of its tokens have been put into steps. */
final class Sequence {
    private final ResumableSequence known;
    private final SequenceListener listener;
    private final int tokenLimit;
    private int[] generated = new int[16];
    private int generatedCount;
    private int plannedTokens;
    private int slot = -1;
    private float mirostatMu;
    private boolean begun;
    private int plannedBefore;
    private long throughStep;
    private int reusedTokens;
    private long reliesOnStep;
    private int life;
    private int failures;
    private boolean ended;
    private boolean comesBack;
    /** In its slot behind its planned tokens, and not known to be right. */
    private ImmutableIntArray drafts = ImmutableIntArray.of();
    /** How guesses by lookup have fared. */
    private final Acceptance acceptance = new Acceptance();
    /** By a draft model; for the token that comes after so many. */
    private ImmutableIntArray proposal = ImmutableIntArray.of();
    private int proposedAt;
    private boolean draftsAreProposed;

    /** @param tokenLimit tokens that it may generate here */
    Sequence(ResumableSequence known, int tokenLimit, SequenceListener listener) {
        this.known = known;
        this.tokenLimit = tokenLimit;
        this.listener = listener;
        mirostatMu = known.mirostatMu();
    }

    SequenceListener listener() {
        return listener;
    }

    SamplingParameters sampling() {
        return known.sampling();
    }

    int promptLength() {
        return known.generatedFromPosition();
    }

    /** Whether a part of its answer came with it. */
    boolean isResumed() {
        return known.hasBegun();
    }

    /** Whether its tokens go before those of sequences that can wait. */
    boolean isReadFirst() {
        return known.readFirst();
    }

    /** What it is computed with; a step is computed with one set. */
    List<AdapterUse> adapters() {
        return known.sampling().getAdaptersList();
    }

    /** Whether all its tokens have to be computed for it, and nothing is to be kept of it. */
    boolean isPooled() {
        return known.isPooled();
    }

    /** Prompt and generated tokens so far. */
    int length() {
        return known.tokens().length() + generatedCount;
    }

    /** KV cells that it may come to use. Its last token is never fed, so this is one more than it needs. */
    int cells() {
        return known.tokens().length() + tokenLimit;
    }

    int token(int position) {
        int knownCount = known.tokens().length();
        return position < knownCount ? known.tokens().get(position) : generated[position - knownCount];
    }

    /** A token was sampled, so the failures so far are forgiven. When it is the first draft, it is in the caches already. */
    void append(int token, float mirostatMuAfterIt) {
        if (generatedCount == generated.length) {
            generated = Arrays.copyOf(generated, 2 * generatedCount);
        }
        generated[generatedCount++] = token;
        mirostatMu = mirostatMuAfterIt;
        failures = 0;
        if (!drafts.isEmpty() && drafts.get(0) == token && plannedTokens == length() - 1) {
            plannedTokens++;
            drafts = drafts.subArray(1, drafts.length());
        }
    }

    boolean hasReachedLimit() {
        return generatedCount >= tokenLimit;
    }

    /** Drafts that could all turn out right without going beyond what it may generate. */
    int usefulDrafts() {
        return tokenLimit - generatedCount - 1;
    }

    /** Besides what is planned, these go into its slot, to be verified. */
    void draft(ImmutableIntArray guesses) {
        drafts = guesses;
    }

    /** Whether its slot holds, or will hold, drafts that are not known to be right. */
    boolean hasDrafts() {
        return !drafts.isEmpty();
    }

    /** The drafts that are left were wrong. A token is always left to feed, even if the caches hold it. */
    void dropDrafts() {
        drafts = ImmutableIntArray.of();
        plannedTokens = Math.min(plannedTokens, length() - 1);
    }

    /** How guesses by lookup have fared. */
    Acceptance acceptance() {
        return acceptance;
    }

    /** A draft model guesses that these come next. */
    void propose(ImmutableIntArray guesses) {
        proposal = guesses;
        proposedAt = length();
    }

    /** What a draft model has proposed for here, once. */
    ImmutableIntArray takeProposal() {
        ImmutableIntArray taken = proposedAt == length() ? proposal : ImmutableIntArray.of();
        proposal = ImmutableIntArray.of();
        draftsAreProposed = !taken.isEmpty();
        return taken;
    }

    /** So many of its drafts were right; a draft model finds that out by itself. */
    void judgeDrafts(int count, int right) {
        if (!draftsAreProposed) {
            acceptance.learn(count, right);
        }
    }

    void allot(int freeSlot) {
        slot = freeSlot;
    }

    int slot() {
        return slot;
    }

    /** The position of the first token that is in no step yet. */
    int plannedTokens() {
        return plannedTokens;
    }

    /** Known tokens that are in no step yet. */
    int unplannedTokens() {
        return length() - plannedTokens;
    }

    void planned(int tokenCount, long stepNumber) {
        begun = true;
        plannedBefore = plannedTokens;
        plannedTokens += tokenCount;
        throughStep = stepNumber;
    }

    /** Whether a step has told the stages of it, in this life. */
    boolean hasBegun() {
        return begun;
    }

    /**
     * The caches hold its first tokens already, or will.
     *
     * @param filledByStep number of the last step that put something there
     */
    void reuse(int tokenCount, long filledByStep) {
        plannedTokens = tokenCount;
        reusedTokens = tokenCount;
        throughStep = filledByStep;
        reliesOnStep = filledByStep;
    }

    /** Tokens that it took over in this life. */
    int reusedTokens() {
        return reusedTokens;
    }

    /** Whether this step, or a later one, has put something into the caches that this sequence took over. */
    boolean reliesOn(long stepNumber) {
        return plannedTokens > 0 && reliesOnStep >= stepNumber;
    }

    /** What the caches hold of it after all steps so far; grows with it. */
    Prefix prefix() {
        return new Prefix(this::token, plannedTokens, throughStep, adapters());
    }

    /** What the caches hold of it before this step, which is the last one so far. */
    Prefix prefixBefore(long stepNumber) {
        return throughStep == stepNumber ? new Prefix(this::token, plannedBefore, throughStep, adapters()) : prefix();
    }

    /** Its first tokens. */
    ImmutableIntArray tokens(int count) {
        ImmutableIntArray.Builder first = ImmutableIntArray.builder(count);
        for (int position = 0; position < count; position++) {
            first.add(token(position));
        }
        return first.build();
    }

    float mirostatMu() {
        return mirostatMu;
    }

    /** A step failed it: all its tokens have to be fed again. */
    void startOver() {
        plannedTokens = 0;
        begun = false;
        reusedTokens = 0;
        throughStep = 0;
        reliesOnStep = 0;
        drafts = ImmutableIntArray.of();
        life++;
        failures++;
    }

    /** Grows whenever it starts over, so that what was sent before can be told from what was sent after. */
    int life() {
        return life;
    }

    /** How often it started over since its last token. */
    int failures() {
        return failures;
    }

    /** It ends here to go on here later. */
    void setAside() {
        comesBack = true;
    }

    boolean comesBack() {
        return comesBack;
    }

    boolean hasEnded() {
        return ended;
    }

    void markEnded() {
        ended = true;
    }
}

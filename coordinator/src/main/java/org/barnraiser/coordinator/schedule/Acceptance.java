package org.barnraiser.coordinator.schedule;

/**
 * How likely the next draft of a sequence is right, learned from those before. Each token that comes without a draft makes what is known a
 * little less certain, so a sequence whose drafts were wrong is tried again, the later the more of them were.
 */
final class Acceptance {
    /** Few try to repeat themselves, but what repeats three tokens often repeats more. */
    private static final double PRIOR = 0.8;
    private static final double PRIOR_WEIGHT = 2;
    private static final double KEPT_PER_ANSWER = 0.95;
    private static final double KEPT_PER_TOKEN = 0.98;

    private final double prior;
    private double right;
    private double judged;

    Acceptance() {
        this(PRIOR);
    }

    /** @param prior the probability that counts as long as nothing is known */
    Acceptance(double prior) {
        this.prior = prior;
    }

    /** Of so many drafts, the first ones were right; what follows the first wrong one was not judged. */
    void learn(int drafts, int rightOnes) {
        right = right * KEPT_PER_ANSWER + rightOnes;
        judged = judged * KEPT_PER_ANSWER + Math.min(drafts, rightOnes + 1);
    }

    /** A token came for which nothing had been drafted. */
    void fade() {
        right *= KEPT_PER_TOKEN;
        judged *= KEPT_PER_TOKEN;
    }

    /** The probability that a draft is right, when all before it are. */
    double probability() {
        return (right + prior * PRIOR_WEIGHT) / (judged + PRIOR_WEIGHT);
    }

    /** Tokens to be expected from a step with so many drafts: those that are right, and the one sampled behind them. */
    double expectedTokens(int drafts) {
        double probability = probability();
        return probability >= 1
                ? drafts + 1
                : (1 - Math.pow(probability, drafts + 1)) / (1 - probability);
    }
}

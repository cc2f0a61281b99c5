package org.barnraiser.coordinator.bench;

/**
 * Readers who do the same.
 *
 * @param readers at the same time
 * @param answers that each of them asks for, one after the other
 * @param turns of each conversation; from the second on, the prompt is all that was said before and some words more
 * @param maxTokens of each answer, which has exactly so many
 * @param promptWords in each question; nearly as many tokens
 * @param sharedWords with which all questions of the group begin, of those
 * @param startSeconds when they begin, from the beginning of the load
 * @param pauseSeconds that each of them waits after an answer, on average
 * @param keyVariable the environment variable with the key that they show; empty: the same as all
 * @param text what all of them ask instead of such words, as it is; may be empty
 * @param edition words that make the questions different from those of another run; may be empty
 */
public record Group(String name, int readers, int answers, int turns, int maxTokens, int promptWords, int sharedWords,
        double startSeconds, double pauseSeconds, String keyVariable, String text, String edition) {
    public Group {
        if (readers < 1 || answers < 1 || turns < 1 || promptWords < 1 || maxTokens < 2 || sharedWords < 0
                || sharedWords > promptWords || !(startSeconds >= 0) || !(pauseSeconds >= 0)) {
            throw new IllegalArgumentException("In the group \"" + name
                    + "\", readers, answers, turns and promptWords must be at least 1, maxTokens at least 2, sharedWords at most "
                    + "promptWords, startSeconds and pauseSeconds not negative.");
        }
    }

    /** The same with other questions. */
    public Group ofEdition(String other) {
        return new Group(name, readers, answers, turns, maxTokens, promptWords, sharedWords, startSeconds, pauseSeconds,
                keyVariable, text, other);
    }

    /** The text; without one, words, different for each answer, so that none profits from another's cache beyond the words that are shared. */
    public String question(int reader, int answer) {
        if (!text.isEmpty()) {
            return text;
        }
        StringBuilder words = new StringBuilder();
        for (int word = 0; word < promptWords; word++) {
            words.append(word == sharedWords
                    ? " Story " + name + edition + " " + (reader * answers + answer) + ":"
                    : word % 2 == 0 ? " barn" : " raise");
        }
        return words.toString().strip();
    }
}

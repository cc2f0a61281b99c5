package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Questions whose answers the demo model is sure of: at every token the likeliest one leads clearly. llama.cpp's sums depend in
 * their last bits on what else is computed with them, and where two tokens are as good as equal those bits would decide.
 */
final class SureQuestions {
    /** In natural logarithms; what is computed together moves log-probabilities by less than a hundredth of this. */
    static final double LEAD = 0.02;
    static final int TOKENS = 180;

    private static final List<String> QUESTIONS = List.of("What is Barnraiser?", "What happens when a machine leaves?",
            "What is a GGUF file?", "What is a worker?", "Can you write a poem?", "What languages do you speak?",
            "How can I help?", "How do I add a machine?");

    /** With these, a prompt of some 600 tokens: several steps for each. */
    private static final String INSTRUCTIONS = "<|im_start|>system\n"
            + "Answer every question about machines, models and neighbours in a few friendly words. ".repeat(30)
            + "<|im_end|>\n";
    private static final List<String> QUESTIONS_WITH_INSTRUCTIONS = List.of("What is Barnraiser?",
            "What happens when a machine leaves?", "What is a GGUF file?", "What is a worker?", "Can you write a poem?",
            "How can I help?", "What is a token?", "What is open weight?");
    private static final int TOKENS_AFTER_INSTRUCTIONS = 60;

    private SureQuestions() {}

    /** Eight questions, each answered with {@link #TOKENS} tokens. */
    static List<Question> eight() {
        return QUESTIONS.stream().map(text -> Question.greedy(prompt(text), TOKENS)).toList();
    }

    /** Eight questions with long prompts and shorter answers. */
    static List<Question> eightLong() {
        return QUESTIONS_WITH_INSTRUCTIONS.stream()
                .map(text -> Question.greedy(INSTRUCTIONS + prompt(text), TOKENS_AFTER_INSTRUCTIONS)).toList();
    }

    /** A conversation of one question, as the model's template writes it. */
    static String prompt(String text) {
        return "<|im_start|>user\n" + text + "<|im_end|>\n<|im_start|>assistant\n";
    }

    /** The same with the log-probabilities that {@link #leads} wants. */
    static Question withLeads(Question question) {
        return question.with(body -> body.put("logprobs", 2));
    }

    /** By how much the likeliest token led, for each token of an answer to {@link #withLeads}. */
    static List<Double> leads(Answer answer) {
        List<Double> leads = new ArrayList<>();
        for (JsonNode piece : answer.logprobs()) {
            for (JsonNode top : piece.path("top_logprobs")) {
                List<Double> two = new ArrayList<>();
                top.forEach(value -> two.add(value.asDouble()));
                two.sort(Comparator.reverseOrder());
                leads.add(two.get(0) - two.get(1));
            }
        }
        return leads;
    }
}

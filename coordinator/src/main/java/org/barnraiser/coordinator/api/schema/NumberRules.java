package org.barnraiser.coordinator.api.schema;

import java.util.ArrayList;
import java.util.List;

/** Numbers in decimal, within bounds. */
final class NumberRules {
    /** Whole numbers that every reader of JSON keeps exactly. */
    static final long LARGEST = 999_999_999_999_999L;
    private static final Rule DIGIT = new Rule.OneOf(CharacterSet.range('0', '9'));
    private static final Rule NOT_ZERO = new Rule.OneOf(CharacterSet.range('1', '9'));
    private static final int MAX_FRACTION_DIGITS = 15;
    private static final Rule FRACTION = Rule.sequence(Rule.literal("."), Rule.repeat(DIGIT, 1, MAX_FRACTION_DIGITS));
    /** One that is not zero. */
    private static final Rule SOME_FRACTION = Rule.sequence(Rule.literal("."),
            Rule.repeat(DIGIT, 0, MAX_FRACTION_DIGITS - 1), NOT_ZERO);
    private static final Rule EXPONENT = Rule.sequence(new Rule.OneOf(CharacterSet.of("eE")),
            Rule.optional(new Rule.OneOf(CharacterSet.of("+-"))), Rule.repeat(DIGIT, 1, 2));

    private NumberRules() {}

    /** Any number at all. */
    static Rule number() {
        return Rule.sequence(Rule.optional(Rule.literal("-")), whole(0, LARGEST), Rule.optional(FRACTION),
                Rule.optional(EXPONENT));
    }

    /** Whole numbers from least to most; none when there is none. */
    static List<Rule> integers(long least, long most) {
        List<Rule> parts = new ArrayList<>();
        if (least < 0 && least <= most) {
            parts.add(Rule.sequence(Rule.literal("-"), whole(Math.max(1, -most), -least)));
        }
        if (most >= 0 && least <= most) {
            parts.add(whole(Math.max(0, least), most));
        }
        return parts;
    }

    /** Numbers between whole bounds, with fractions. */
    static List<Rule> numbers(long least, boolean aboveLeast, long most, boolean belowMost) {
        List<Rule> parts = new ArrayList<>();
        if (least < 0) {
            positive(Math.max(0, -most), most <= 0 && belowMost, -least, aboveLeast)
                    .forEach(part -> parts.add(Rule.sequence(Rule.literal("-"), part)));
        }
        if (most >= 0) {
            parts.addAll(positive(Math.max(0, least), least >= 0 && aboveLeast, most, belowMost));
        }
        return parts;
    }

    private static List<Rule> positive(long least, boolean aboveLeast, long most, boolean belowMost) {
        List<Rule> parts = new ArrayList<>();
        if (least > most) {
            return parts;
        }
        if (least == most) {
            if (!aboveLeast && !belowMost) {
                parts.add(Rule.literal(Long.toString(most)));
            }
            return parts;
        }
        parts.add(Rule.sequence(Rule.literal(Long.toString(least)),
                aboveLeast ? SOME_FRACTION : Rule.optional(FRACTION)));
        if (least + 1 <= most - 1) {
            parts.add(Rule.sequence(whole(least + 1, most - 1), Rule.optional(FRACTION)));
        }
        if (!belowMost) {
            parts.add(Rule.literal(Long.toString(most)));
        }
        return parts;
    }

    /** Without a sign, from least to most, which is not less. */
    private static Rule whole(long least, long most) {
        List<Rule> parts = new ArrayList<>();
        String low = Long.toString(least);
        String high = Long.toString(most);
        while (low.length() < high.length()) {
            parts.add(between(low, "9".repeat(low.length())));
            low = "1" + "0".repeat(low.length());
        }
        parts.add(between(low, high));
        return parts.size() > 2 && least <= 1 && most == LARGEST ? unbounded(least) : Rule.choice(parts);
    }

    private static Rule unbounded(long least) {
        Rule positive = Rule.sequence(NOT_ZERO, Rule.repeat(DIGIT, 0, 14));
        return least == 0 ? Rule.choice(Rule.literal("0"), positive) : positive;
    }

    /** Of the same number of digits. */
    private static Rule between(String low, String high) {
        int digits = low.length();
        if (low.equals(high)) {
            return Rule.literal(low);
        }
        char first = low.charAt(0);
        char last = high.charAt(0);
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        String zeros = "0".repeat(digits - 1);
        String nines = "9".repeat(digits - 1);
        if (first == last) {
            return Rule.sequence(Rule.literal(String.valueOf(first)), between(lowRest, highRest));
        }
        if (lowRest.equals(zeros) && highRest.equals(nines)) {
            return anyAfter(first, last, digits - 1);
        }
        List<Rule> parts = new ArrayList<>();
        char from = first;
        char to = last;
        if (!lowRest.equals(zeros)) {
            parts.add(Rule.sequence(Rule.literal(String.valueOf(first)), between(lowRest, nines)));
            from++;
        }
        if (!highRest.equals(nines)) {
            to--;
        }
        if (from <= to) {
            parts.add(anyAfter(from, to, digits - 1));
        }
        if (!highRest.equals(nines)) {
            parts.add(Rule.sequence(Rule.literal(String.valueOf(last)), between(zeros, highRest)));
        }
        return Rule.choice(parts);
    }

    private static Rule anyAfter(char from, char to, int digits) {
        Rule first = new Rule.OneOf(CharacterSet.range(from, to));
        return digits == 0 ? first : Rule.sequence(first, Rule.repeat(DIGIT, digits, digits));
    }
}

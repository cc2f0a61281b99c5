package org.barnraiser.coordinator.doctor;

import org.barnraiser.coordinator.terminal.Lines;

/**
 * What one check found. Texts may come from other machines, so what could control a terminal is taken out of them.
 *
 * @param subject what was looked at, in a word or two
 * @param words what was found, in one sentence
 * @param advice what to do, in one sentence; empty when it is ok
 */
record Finding(Level level, String subject, String words, String advice) {
    private static final int MAX_SUBJECT = 40;
    private static final int MAX_TEXT = 600;

    Finding {
        subject = Lines.plain(subject, MAX_SUBJECT);
        words = Lines.plain(words, MAX_TEXT);
        advice = Lines.plain(advice, MAX_TEXT);
        if (advice.isEmpty() != (level == Level.OK)) {
            throw new IllegalArgumentException("a finding has advice when it is not ok, and only then: " + words);
        }
    }

    static Finding ok(String subject, String words) {
        return new Finding(Level.OK, subject, words, "");
    }

    static Finding warning(String subject, String words, String advice) {
        return new Finding(Level.WARNING, subject, words, advice);
    }

    static Finding broken(String subject, String words, String advice) {
        return new Finding(Level.BROKEN, subject, words, advice);
    }
}

package org.barnraiser.coordinator.attach;

import java.util.Arrays;

/** Why no text was taken out of a file. The code is for programs, the sentence for people. */
enum Refusal {
    TOO_LARGE(10, "too_large", 413, "The file is larger than " + Extraction.MAX_BYTES / 1_000_000 + " MB."),
    UNKNOWN_KIND(11, "unknown_kind", 415, "The file is neither a PDF nor a DOCX."),
    UNREADABLE(12, "unreadable", 422, "The file is damaged, or not what it says it is."),
    ENCRYPTED(13, "encrypted", 422, "The file is locked with a password."),
    NO_TEXT(14, "no_text", 422, "The file holds no text; perhaps its pages are pictures."),
    TOO_LONG(15, "too_long", 422,
            "The file has more than " + Extraction.MAX_PAGES + " pages or " + Extraction.MAX_CHARACTERS
                    + " characters."),
    TOO_DEMANDING(16, "too_demanding", 422, "Reading the file takes more time or memory than a file may take here."),
    BUSY(17, "busy", 503, "Too many files are being read; try again in a moment.");

    private final int exitCode;
    private final String code;
    private final int status;
    private final String sentence;

    Refusal(int exitCode, String code, int status, String sentence) {
        this.exitCode = exitCode;
        this.code = code;
        this.status = status;
        this.sentence = sentence;
    }

    /** What an exit code of the process in which files are opened means; any but these is a crash, or the deadline. */
    static Refusal ofExitCode(int exitCode) {
        return Arrays.stream(values()).filter(each -> each.exitCode == exitCode).findFirst().orElse(TOO_DEMANDING);
    }

    int exitCode() {
        return exitCode;
    }

    String code() {
        return code;
    }

    /** The HTTP status it is answered with. */
    int status() {
        return status;
    }

    String sentence() {
        return sentence;
    }
}

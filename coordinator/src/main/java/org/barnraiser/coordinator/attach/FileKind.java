package org.barnraiser.coordinator.attach;

import java.nio.charset.StandardCharsets;

/** What a file is, by its first bytes; its name may say anything. */
enum FileKind {
    PDF, DOCX, OTHER;

    /** Readers of PDF accept some bytes before the mark. */
    private static final int PDF_MARK_WITHIN = 1024;

    static FileKind of(byte[] file) {
        String start = new String(file, 0, Math.min(file.length, PDF_MARK_WITHIN), StandardCharsets.ISO_8859_1);
        if (start.startsWith("PK\u0003\u0004")) {
            return DOCX;
        }
        return start.contains("%PDF-") ? PDF : OTHER;
    }
}

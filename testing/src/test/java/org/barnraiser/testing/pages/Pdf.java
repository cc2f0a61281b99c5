package org.barnraiser.testing.pages;

import java.nio.charset.StandardCharsets;

/** The smallest PDF there can be. */
final class Pdf {
    private Pdf() {}

    /** One page with one line of text. */
    static byte[] withLine(String line) {
        String contents = "BT /F1 12 Tf 72 700 Td (" + line + ") Tj ET";
        String[] objects = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
                "<</Length " + contents.length() + ">>stream\n" + contents + "\nendstream",
                "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"};
        StringBuilder file = new StringBuilder("%PDF-1.4\n");
        StringBuilder table = new StringBuilder("xref\n0 6\n0000000000 65535 f \n");
        for (int i = 0; i < objects.length; i++) {
            table.append("%010d 00000 n \n".formatted(file.length()));
            file.append(i + 1).append(" 0 obj").append(objects[i]).append("endobj\n");
        }
        int start = file.length();
        return file.append(table).append("trailer<</Size 6/Root 1 0 R>>\nstartxref\n").append(start).append("\n%%EOF\n")
                .toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}

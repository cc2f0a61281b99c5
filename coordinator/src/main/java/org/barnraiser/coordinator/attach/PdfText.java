package org.barnraiser.coordinator.attach;

import java.io.IOException;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;

/** The text of a PDF file, page by page, in the order in which people read it. */
final class PdfText {
    private PdfText() {}

    static String of(byte[] file) throws IOException, RefusedFileException {
        try (PDDocument document = Loader.loadPDF(file)) {
            if (document.getNumberOfPages() > Extraction.MAX_PAGES) {
                throw new RefusedFileException(Refusal.TOO_LONG);
            }
            PDFTextStripper stripper = new PDFTextStripper();
            stripper.setSortByPosition(true);
            TextLimit text = new TextLimit();
            stripper.writeText(document, text);
            return text.toString();
        } catch (InvalidPasswordException locked) {
            throw new RefusedFileException(Refusal.ENCRYPTED);
        }
    }
}

package org.barnraiser.coordinator.attach;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The process in which a file is opened: the file on standard input, its text on standard output, and how it went as the exit
 * code. A file that makes it take too much memory or time ends this process and nothing else.
 */
public final class ExtractorMain {
    private ExtractorMain() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws IOException {
        try {
            String text = text(System.in.readNBytes(Extraction.MAX_BYTES)).strip();
            if (text.isEmpty()) {
                throw new RefusedFileException(Refusal.NO_TEXT);
            }
            System.out.write(text.getBytes(StandardCharsets.UTF_8));
            System.out.flush();
            System.exit(0);
        } catch (RefusedFileException refused) {
            System.exit(refused.refusal().exitCode());
        } catch (TextLimit.Exceeded tooLong) {
            System.exit(Refusal.TOO_LONG.exitCode());
        } catch (OutOfMemoryError | StackOverflowError tooDemanding) {
            System.exit(Refusal.TOO_DEMANDING.exitCode());
        } catch (IOException | RuntimeException damaged) {
            System.exit(Refusal.UNREADABLE.exitCode());
        }
    }

    private static String text(byte[] file) throws IOException, RefusedFileException {
        return switch (FileKind.of(file)) {
            case PDF -> PdfText.of(file);
            case DOCX -> DocxText.of(file);
            case OTHER -> throw new RefusedFileException(Refusal.UNKNOWN_KIND);
        };
    }
}

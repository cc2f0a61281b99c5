package org.barnraiser.coordinator.attach;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ExtractionTest {
    private final Extraction extraction = new Extraction(Duration.ofMinutes(2));

    @Test
    void a_pdf_gives_its_pages_in_order() throws Exception {
        assertThat(extraction.text(Documents.pdf("The barn opens at nine.", "It closes at five.")))
                .containsSubsequence("The barn opens at nine.", "It closes at five.");
    }

    @Test
    void a_docx_gives_paragraphs_headings_and_cells() throws Exception {
        byte[] file = Documents.docx(
                """
                <w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Prices</w:t></w:r></w:p>
                <w:p><w:r><w:t xml:space="preserve">Käse &amp; </w:t></w:r><w:r><w:t>Brot &#8364;</w:t></w:r></w:p>
                <w:p><w:r><w:delText>deleted</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>
                <w:tbl><w:tr><w:tc><w:p><w:r><w:t>left</w:t></w:r></w:p></w:tc>
                <w:tc><w:p><w:r><w:t>right</w:t></w:r></w:p></w:tc></w:tr></w:tbl>""");

        assertThat(extraction.text(file)).isEqualTo("## Prices\nKäse & Brot €\n\nleft \tright");
    }

    @Test
    void what_is_said_twice_for_older_programs_comes_once() throws Exception {
        byte[] file = Documents.docx(
                """
                <w:p><w:r><mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice>
                <mc:Fallback><w:p><w:t>box</w:t></w:p></mc:Fallback></mc:AlternateContent><w:t>, after</w:t></w:r></w:p>""");

        assertThat(extraction.text(file)).isEqualTo("box, after");
    }

    @Test
    void a_docx_cannot_make_us_read_another_file(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "the secret");
        String xml = Documents.wordXml(
                "<!DOCTYPE w:document [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>",
                "<w:p><w:t>before &x; after</w:t></w:p>");
        byte[] file = Documents.zip("word/document.xml", xml.getBytes(StandardCharsets.UTF_8));

        try {
            assertThat(extraction.text(file)).doesNotContain("the secret");
        } catch (RefusedFileException refused) {
            assertThat(refused.refusal()).isEqualTo(Refusal.UNREADABLE);
        }
    }

    @Test
    void a_docx_that_unpacks_without_end_is_refused() throws Exception {
        byte[] spaces = new byte[300 << 20];
        Arrays.fill(spaces, (byte) ' ');

        assertRefused(Refusal.TOO_DEMANDING, () -> extraction.text(Documents.zip("media/bomb.bin", spaces)));
        assertRefused(Refusal.UNREADABLE, () -> extraction.text(Documents.zip("word/document.xml", spaces)));
    }

    @Test
    void a_pdf_that_unpacks_without_end_is_refused() throws Exception {
        assertRefused(Refusal.TOO_DEMANDING, () -> extraction.text(Documents.pdfBomb()));
    }

    @Test
    void a_file_that_takes_too_long_is_refused() {
        Extraction hurried = new Extraction(Duration.ofMillis(1));

        assertRefused(Refusal.TOO_DEMANDING, () -> hurried.text(Documents.pdf("slow")));
    }

    @Test
    void what_gives_no_text_is_refused_with_the_reason() throws Exception {
        assertRefused(Refusal.ENCRYPTED, () -> extraction.text(Documents.lockedPdf("hidden")));
        assertRefused(Refusal.NO_TEXT, () -> extraction.text(Documents.pdf("")));
        assertRefused(Refusal.UNREADABLE,
                () -> extraction.text("%PDF-1.7 and nothing more".getBytes(StandardCharsets.UTF_8)));
        assertRefused(Refusal.UNREADABLE, () -> extraction.text(Documents.zip("other.xml", new byte[0])));
        assertRefused(Refusal.UNKNOWN_KIND, () -> extraction.text("plain".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void too_many_pages_or_characters_are_refused() throws IOException {
        String[] pages = new String[Extraction.MAX_PAGES + 1];
        Arrays.fill(pages, "page");
        String long_ = "<w:p><w:t>" + "long ".repeat(Extraction.MAX_CHARACTERS / 5 + 1) + "</w:t></w:p>";

        assertRefused(Refusal.TOO_LONG, () -> extraction.text(Documents.pdf(pages)));
        assertRefused(Refusal.TOO_LONG, () -> extraction.text(Documents.docx(long_)));
    }

    private static void assertRefused(Refusal expected, ThrowingCallable reading) {
        RefusedFileException refused = catchThrowableOfType(RefusedFileException.class, reading);
        assertThat(refused).as("refused with " + expected).isNotNull();
        assertThat(refused.refusal()).isEqualTo(expected);
    }
}

package org.barnraiser.coordinator.attach;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;

/** Files to take text out of. */
final class Documents {
    private Documents() {}

    /** A PDF with one line on each page. */
    static byte[] pdf(String... lines) throws IOException {
        try (PDDocument document = pdfDocument(lines)) {
            return bytes(document);
        }
    }

    static byte[] lockedPdf(String line) throws IOException {
        try (PDDocument document = pdfDocument(line)) {
            document.protect(new StandardProtectionPolicy("owner", "secret", new AccessPermission()));
            return bytes(document);
        }
    }

    /** A small PDF whose page unpacks to one word of 600 MB. */
    static byte[] pdfBomb() throws IOException {
        try (PDDocument document = new PDDocument()) {
            PDPage page = new PDPage();
            document.addPage(page);
            COSStream contents = document.getDocument().createCOSStream();
            contents.setItem(COSName.FILTER, COSName.FLATE_DECODE);
            // Packed here, as PDFBox would keep all of it in memory first.
            try (OutputStream out = new DeflaterOutputStream(contents.createRawOutputStream())) {
                byte[] letters = new byte[1 << 20];
                Arrays.fill(letters, (byte) 'a');
                out.write('(');
                for (int i = 0; i < 600; i++) {
                    out.write(letters);
                }
            }
            page.setContents(new PDStream(contents));
            return bytes(document);
        }
    }

    private static PDDocument pdfDocument(String... lines) throws IOException {
        PDDocument document = new PDDocument();
        for (String line : lines) {
            PDPage page = new PDPage();
            document.addPage(page);
            try (PDPageContentStream contents = new PDPageContentStream(document, page)) {
                contents.beginText();
                contents.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
                contents.newLineAtOffset(72, 700);
                contents.showText(line);
                contents.endText();
            }
        }
        return document;
    }

    private static byte[] bytes(PDDocument document) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        document.save(out);
        return out.toByteArray();
    }

    /** A DOCX with this inside its body. */
    static byte[] docx(String body) throws IOException {
        return zip("word/document.xml", wordXml("", body).getBytes(StandardCharsets.UTF_8));
    }

    static String wordXml(String prologue, String body) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + prologue
                + "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "
                + "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>" + body
                + "</w:body></w:document>";
    }

    static byte[] zip(String name, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("[Content_Types].xml"));
            zip.write("<Types/>".getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return out.toByteArray();
    }
}

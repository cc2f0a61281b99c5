package org.barnraiser.coordinator.attach;

import com.google.common.io.ByteStreams;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * The text of a DOCX file, which is a zip with XML in it. Paragraphs become lines, cells are parted by tabs, headings get the
 * marks of Markdown; what was deleted or is only instructions for Word stays out.
 */
final class DocxText {
    private static final String DOCUMENT = "word/document.xml";
    /** A zip of 10 MB can hold 10 GB of nothing. */
    private static final long MAX_XML_BYTES = 64L << 20;
    private static final long MAX_PASSED_BYTES = 256L << 20;
    private static final int MAX_ENTRIES = 5_000;
    private static final int DEEPEST_HEADING = 6;

    private final TextLimit text = new TextLimit();
    private boolean inText;
    private boolean rowHasCell;

    private DocxText() {}

    static String of(byte[] file) throws IOException, RefusedFileException {
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(file))) {
            findDocument(zip);
            DocxText document = new DocxText();
            document.read(ByteStreams.limit(zip, MAX_XML_BYTES));
            return document.text.toString();
        } catch (XMLStreamException | IllegalArgumentException damaged) {
            throw new RefusedFileException(Refusal.UNREADABLE);
        }
    }

    private static void findDocument(ZipInputStream zip) throws IOException, RefusedFileException {
        long passed = 0;
        ZipEntry entry = zip.getNextEntry();
        for (int entries = 0; entry != null && entries < MAX_ENTRIES; entries++) {
            if (entry.getName().equals(DOCUMENT)) {
                return;
            }
            passed += ByteStreams.exhaust(ByteStreams.limit(zip, MAX_PASSED_BYTES - passed));
            if (passed >= MAX_PASSED_BYTES) {
                throw new RefusedFileException(Refusal.TOO_DEMANDING);
            }
            entry = zip.getNextEntry();
        }
        throw new RefusedFileException(Refusal.UNREADABLE);
    }

    private void read(InputStream xml) throws XMLStreamException, IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // Nothing outside the file is ever read, and no entity is ever expanded.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        XMLStreamReader reader = factory.createXMLStreamReader(xml);
        int fallbackDepth = 0;
        while (reader.hasNext()) {
            int event = reader.next();
            if (fallbackDepth > 0 || isStartOf(reader, event, "Fallback")) {
                // A fallback says the same thing again for programs that do not know the first form.
                fallbackDepth += switch (event) {
                    case XMLStreamConstants.START_ELEMENT -> 1;
                    case XMLStreamConstants.END_ELEMENT -> -1;
                    default -> 0;
                };
                continue;
            }
            switch (event) {
                case XMLStreamConstants.START_ELEMENT -> start(reader);
                case XMLStreamConstants.END_ELEMENT -> end(reader.getLocalName());
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                    if (inText) {
                        text.write(reader.getText());
                    }
                }
                default -> {
                    // Comments, processing instructions and entities say nothing to a reader.
                }
            }
        }
    }

    private static boolean isStartOf(XMLStreamReader reader, int event, String name) {
        return event == XMLStreamConstants.START_ELEMENT && reader.getLocalName().equals(name);
    }

    private void start(XMLStreamReader reader) throws IOException {
        switch (reader.getLocalName()) {
            case "t" -> inText = true;
            case "tab" -> text.write('\t');
            case "br", "cr" -> text.write('\n');
            case "pStyle" -> heading(reader.getAttributeValue(null, "val"), reader);
            case "tc" -> {
                if (rowHasCell) {
                    text.write('\t');
                }
                rowHasCell = true;
            }
            default -> {
                // Form, not text.
            }
        }
    }

    private void heading(@Nullable String unqualified, XMLStreamReader reader) throws IOException {
        String style = unqualified;
        for (int i = 0; style == null && i < reader.getAttributeCount(); i++) {
            style = reader.getAttributeLocalName(i).equals("val") ? reader.getAttributeValue(i) : null;
        }
        if (style != null && style.matches("Heading[1-6]")) {
            text.write("#".repeat(Math.min(DEEPEST_HEADING, style.charAt(style.length() - 1) - '0')) + " ");
        }
    }

    private void end(String name) throws IOException {
        switch (name) {
            case "t" -> inText = false;
            case "p" -> text.write(rowHasCell ? ' ' : '\n');
            case "tr" -> {
                text.write('\n');
                rowHasCell = false;
            }
            default -> {
                // Form, not text.
            }
        }
    }
}

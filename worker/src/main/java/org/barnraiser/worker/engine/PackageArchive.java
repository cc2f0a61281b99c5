package org.barnraiser.worker.engine;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Takes the libraries out of an npm package: the files of {@code package/bins/ANY}, with their {@code fallback}, and the licence.
 * Whatever else is there stays packed; an archive with a name that leads elsewhere, or with a link, is refused as a whole.
 */
final class PackageArchive {
    private static final Pattern WANTED = Pattern
            .compile("package/bins/[A-Za-z0-9._-]+/((?:fallback/)?[A-Za-z0-9_][A-Za-z0-9._-]*)");
    private static final Pattern LICENCE = Pattern.compile("package/(LICENSE)");
    private static final int MAX_ENTRIES = 2000;

    private final long maxBytes;

    /** @param maxBytes that the files of one archive may have together */
    PackageArchive(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Adds the files to a folder, replacing none. */
    void unpack(Path archive, Path folder) throws EngineException, IOException {
        long left = maxBytes;
        int entries = 0;
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                var tar = new TarArchiveInputStream(new GzipCompressorInputStream(file))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                requireHarmless(entry, archive);
                if (++entries > MAX_ENTRIES || entry.getSize() > left) {
                    throw new EngineException("The archive " + archive.getFileName() + " holds more than " + maxBytes
                            + " bytes or " + MAX_ENTRIES + " files, so nothing was installed.");
                }
                left -= entry.getSize();
                write(tar, entry, folder);
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("its entries cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireHarmless(TarArchiveEntry entry, Path archive) throws EngineException {
        String name = entry.getName();
        boolean plain = entry.isFile() && !entry.isLink() && !entry.isSymbolicLink() && !entry.isSparse();
        boolean inside = !name.startsWith("/") && !name.contains("\\") && !name.contains("\0") && !name.contains(":")
                && Path.of(name).normalize().toString().equals(name.replaceFirst("/+$", ""))
                && !name.equals("..") && !name.startsWith("../");
        if (!inside || !(plain || entry.isDirectory())) {
            throw new EngineException("The archive " + archive.getFileName() + " holds '"
                    + name.replaceAll("[^\\x20-\\x7e]", "?") + "', which leads out of it, so nothing was installed.");
        }
    }

    private static void write(TarArchiveInputStream content, TarArchiveEntry entry, Path folder) throws IOException {
        Matcher wanted = WANTED.matcher(entry.getName());
        Matcher licence = LICENCE.matcher(entry.getName());
        Path file;
        if (wanted.matches()) {
            file = folder.resolve(wanted.group(1));
        } else if (licence.matches()) {
            file = folder.resolve(licence.group(1));
        } else {
            return;
        }
        if (entry.isDirectory() || Files.exists(file)) {
            return;
        }
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try (OutputStream target = Files.newOutputStream(file)) {
            content.transferTo(target);
        }
    }
}

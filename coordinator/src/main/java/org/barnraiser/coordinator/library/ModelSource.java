package org.barnraiser.coordinator.library;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a model is to come from. */
public sealed interface ModelSource {

    /** A GGUF file here, or any member of a split set. */
    record LocalFile(Path path) implements ModelSource {}

    /**
     * A repository of a model hub that speaks Hugging Face's API.
     *
     * @param repository {@code owner/name}
     * @param wanted a file's path in it, or a quantisation such as {@code Q4_K_M}; empty: the one there is, or the usual one
     * @param revision branch, tag or commit
     */
    record HubRepository(String repository, Optional<String> wanted, String revision) implements ModelSource {}

    /** One GGUF file on a web server. */
    record WebFile(URI uri) implements ModelSource {}

    /**
     * Reads {@code hf:owner/repo[/file-or-quant][@revision]}, a web address, or a path.
     *
     * @throws LibraryException when it is none of these
     */
    static ModelSource parse(String text) throws LibraryException {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("hf:")) {
            return Hub.parse(text.substring("hf:".length()));
        }
        if (lower.startsWith("https://") || lower.startsWith("http://")) {
            return web(text);
        }
        if (text.isBlank() || text.indexOf('\0') >= 0) {
            throw new LibraryException(
                    "A model's source is a file, hf:owner/repo or a web address; nothing was given.");
        }
        return new LocalFile(Path.of(text));
    }

    private static ModelSource web(String text) throws LibraryException {
        try {
            URI uri = new URI(text);
            if (uri.getHost() == null || uri.getUserInfo() != null) {
                throw new LibraryException(
                        "\"" + text + "\" is no web address of a file; https://host/path/model.gguf is wanted.");
            }
            return new WebFile(uri);
        } catch (URISyntaxException e) {
            throw new LibraryException("\"" + text + "\" is no web address: " + e.getReason() + ".", e);
        }
    }

    /** The form of a hub's names. */
    final class Hub {
        private static final Pattern FORM = Pattern
                .compile("([\\w.-]{1,96}/[\\w.-]{1,96})(?:/([\\w./ +-]{1,256}))?(?:@([\\w./-]{1,128}))?");

        private Hub() {}

        private static ModelSource parse(String text) throws LibraryException {
            Matcher match = FORM.matcher(text);
            if (!match.matches() || text.contains("..")) {
                throw new LibraryException(
                        "\"hf:" + text
                                + "\" cannot be read; hf:owner/repo[/file-or-quantisation][@revision] is wanted, "
                                + "such as hf:Qwen/Qwen3-8B-GGUF/Q4_K_M.");
            }
            String revision = match.group(3) == null ? "main" : match.group(3);
            return new HubRepository(match.group(1), Optional.ofNullable(match.group(2)), revision);
        }
    }
}

package org.barnraiser.coordinator.web;

import com.google.common.hash.Hashing;
import com.google.common.net.HttpHeaders;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A file that never changes while the server runs, kept in memory with its compressed form. Thread-safe. */
final class StaticFile {
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "js",
            "text/javascript; charset=utf-8", "mjs", "text/javascript; charset=utf-8", "css",
            "text/css; charset=utf-8", "json", "application/json; charset=utf-8", "svg", "image/svg+xml", "md",
            "text/markdown; charset=utf-8");

    private final String contentType;
    private final byte[] plain;
    private final byte[] gzip;
    private final String tag;

    private StaticFile(String contentType, byte[] plain) {
        this.contentType = contentType;
        this.plain = plain;
        gzip = compress(plain);
        tag = Hashing.sha256().hashBytes(plain).toString().substring(0, 32);
    }

    /**
     * Makes a file.
     *
     * @param name its ending tells the content type
     */
    static StaticFile of(String name, byte[] content) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        String type = TYPES.get(ending);
        if (type == null) {
            throw new IllegalArgumentException("no content type is known for " + name);
        }
        return new StaticFile(type, content);
    }

    /**
     * Answers a request with this file, or with 304 when the client has it.
     *
     * @param cacheControl how long clients may keep it
     */
    void send(Context ctx, String cacheControl) {
        boolean compressed = gzip.length < plain.length && acceptsGzip(ctx.header(HttpHeaders.ACCEPT_ENCODING));
        // The two forms are different bytes, so they have different tags.
        String entityTag = "\"" + tag + (compressed ? "-gzip" : "") + "\"";
        ctx.header(HttpHeaders.CACHE_CONTROL, cacheControl).header(HttpHeaders.ETAG, entityTag);
        ctx.res().addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        if (matches(ctx.header(HttpHeaders.IF_NONE_MATCH), entityTag)) {
            ctx.status(304);
            return;
        }
        if (compressed) {
            ctx.header(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        ctx.contentType(contentType).result(compressed ? gzip : plain);
    }

    private static boolean acceptsGzip(@Nullable String header) {
        return header != null && header.contains("gzip") && !header.contains("gzip;q=0");
    }

    private static boolean matches(@Nullable String header, String entityTag) {
        return header != null && header.contains(entityTag);
    }

    private static byte[] compress(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + 64);
        try (GZIPOutputStream gzip = new BestGzip(out)) {
            gzip.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private static final class BestGzip extends GZIPOutputStream {
        BestGzip(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}

package org.barnraiser.coordinator.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.download.DownloadException;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.library.ModelSource.HubRepository;
import org.barnraiser.coordinator.library.Offer.Provenance;

/**
 * Asks a model hub what a repository holds: Hugging Face's API ({@code /api/models/…}), which mirrors speak as well. A revision is
 * pinned to its commit, so that all that is fetched belongs together.
 */
final class HubClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_PAGE_BYTES = 8 << 20;
    private static final int MAX_PAGES = 100;
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-zA-Z]{1,64}");

    private final URI hub;
    private final WebClient web;

    HubClient(URI hub, WebClient web) {
        this.hub = hub;
        this.web = web;
    }

    /** What is known of one file in a repository. */
    private record Listed(OptionalLong sizeBytes, Optional<String> sha256) {}

    /** Finds the wanted model; blocks on the hub. */
    Offer find(HubRepository source) throws LibraryException, InterruptedException {
        String repository = source.repository();
        JsonNode about = get(api(repository, "revision/" + encoded(source.revision())), source).json();
        String commit = about.path("sha").asText();
        if (!COMMIT.matcher(commit).matches()) {
            throw unreadable();
        }
        Map<String, Listed> listed = files(source, commit);
        List<String> chosen = new GgufChoice(repository, List.copyOf(listed.keySet())).choose(source.wanted());
        List<RemoteFile> files = new ArrayList<>();
        for (String path : chosen) {
            Listed file = listed.getOrDefault(path, new Listed(OptionalLong.empty(), Optional.empty()));
            files.add(new RemoteFile(resolve(repository + "/resolve/" + commit + "/" + encodedPath(path)),
                    path.substring(path.lastIndexOf('/') + 1), file.sizeBytes(), file.sha256()));
        }
        return new Offer(files, provenance(about, repository, commit));
    }

    private static Provenance provenance(JsonNode about, String repository, String commit) {
        JsonNode card = about.path("cardData");
        JsonNode license = card.path("license");
        String name = license.isArray() ? license.path(0).asText() : license.asText();
        return new Provenance("hf:" + repository + "@" + commit,
                about.path("author").asText(repository.substring(0, repository.indexOf('/'))),
                card.path("license_name").asText(name), card.path("license_link").asText());
    }

    private Map<String, Listed> files(HubRepository source, String commit)
            throws LibraryException, InterruptedException {
        Map<String, Listed> files = new HashMap<>();
        URI page = api(source.repository(), "tree/" + commit + "?recursive=true");
        for (int pages = 0; pages < MAX_PAGES; pages++) {
            Page answer = get(page, source);
            for (JsonNode file : answer.json()) {
                if (file.path("type").asText().equals("file")) {
                    JsonNode size = file.path("size");
                    files.put(file.path("path").asText(),
                            new Listed(size.canConvertToLong() ? OptionalLong.of(size.asLong()) : OptionalLong.empty(),
                                    Optional.of(file.path("lfs").path("oid").asText())
                                            .filter(oid -> SHA256.matcher(oid).matches())));
                }
            }
            if (answer.next().isEmpty()) {
                return files;
            }
            page = answer.next().get();
        }
        throw new LibraryException(source.repository() + " has more files than can be read; name an https address.");
    }

    /** One answer of the API. */
    private record Page(JsonNode json, Optional<URI> next) {}

    private Page get(URI uri, HubRepository source) throws LibraryException, InterruptedException {
        try {
            HttpResponse<InputStream> response = web.get(uri, Map.of("Accept", "application/json"));
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw refused(response, source);
                }
                byte[] bytes = body.readNBytes(MAX_PAGE_BYTES + 1);
                if (bytes.length > MAX_PAGE_BYTES) {
                    throw unreadable();
                }
                Optional<URI> next = response.headers().allValues("Link").stream().map(NEXT::matcher)
                        .filter(Matcher::find).map(match -> uri.resolve(match.group(1))).findFirst()
                        // Only the hub itself is asked, whatever it links to.
                        .filter(link -> link.getRawAuthority() != null
                                && link.getRawAuthority().equals(uri.getRawAuthority()));
                return new Page(JSON.readTree(bytes), next);
            }
        } catch (JsonProcessingException e) {
            throw unreadable();
        } catch (IOException e) {
            throw new LibraryException("The hub at " + hub.getHost()
                    + " cannot be asked; check the network, or name a mirror with --hub.", e);
        } catch (DownloadException | IllegalArgumentException e) {
            throw new LibraryException("The hub at " + hub.getHost() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private LibraryException refused(HttpResponse<?> response, HubRepository source) {
        String error = response.headers().firstValue("X-Error-Code").orElse("");
        String repository = source.repository();
        if (error.equals("RevisionNotFound") || error.equals("EntryNotFound")) {
            return new LibraryException(repository + " has no revision \"" + source.revision() + "\".");
        }
        if (error.equals("GatedRepo") || response.statusCode() == 403) {
            return new LibraryException(
                    repository + " is given out to those who have accepted its terms: accept them at "
                            + resolve(repository) + ", then set HF_TOKEN to a token of your account.");
        }
        return switch (response.statusCode()) {
            // The hub says 401 for what does not exist, so as not to tell what is private.
            case 401, 404 -> new LibraryException("There is no model " + repository + " at " + hub.getHost()
                    + ", or it is private; check the name, and set HF_TOKEN if it is private or gated.");
            case 429 -> new LibraryException(
                    "The hub at " + hub.getHost() + " asks for fewer requests; try again in some minutes.");
            default -> new LibraryException("The hub at " + hub.getHost() + " answers HTTP " + response.statusCode()
                    + " for " + repository + "; try again later, or name a mirror with --hub.");
        };
    }

    private LibraryException unreadable() {
        return new LibraryException("What answers at " + hub + " is no model hub that this version understands.");
    }

    private URI api(String repository, String what) {
        return resolve("api/models/" + repository + "/" + what);
    }

    private URI resolve(String path) {
        String base = hub.toString();
        return URI.create((base.endsWith("/") ? base : base + "/") + path);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String encodedPath(String path) {
        return encoded(path).replace("%2F", "/");
    }
}

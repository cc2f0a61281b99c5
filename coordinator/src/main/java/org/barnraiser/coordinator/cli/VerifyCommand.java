package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.coordinator.receipt.ReceiptCheck;
import org.barnraiser.coordinator.terminal.Lines;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code barn verify RECEIPT}: whether a receipt is what a cluster has signed, without a network; with {@code --replay} also whether the
 * same question has the same answer again. Exit code 0 when all of it holds, 1 when not.
 */
@Command(name = "verify", mixinStandardHelpOptions = true, description = "Checks the receipt of an answer.")
final class VerifyCommand implements Callable<Integer> {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_TEXT = 400;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "RECEIPT", description = "File with the receipt, or with the whole answer that it came with.")
    private Path file;

    @Option(names = "--fingerprint", paramLabel = "HEX", description = "Fingerprint of the cluster that must have signed it, as its"
            + " coordinators print it when they start.")
    private @Nullable String fingerprint;

    @Option(names = "--unsigned", description = "Accept a receipt without a signature, of a cluster whose links are plain: only for"
            + " --replay, as nobody vouches for it.")
    private boolean unsigned;

    @Option(names = "--replay", paramLabel = "REQUEST", description = "File with the JSON of the request: ask again with the receipt's"
            + " seed, and compare.")
    private @Nullable Path replay;

    @Option(names = "--path", defaultValue = "/v1/chat/completions", description = "Where the request went (default:"
            + " ${DEFAULT-VALUE}).")
    private String path;

    @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The endpoint that is asked again (default:"
            + " ${DEFAULT-VALUE}).")
    private URI url;

    @Mixin
    private Credential credential;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    VerifyCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        ReceiptCheck receipt = read(read(file), file.toString());
        PrintWriter out = spec.commandLine().getOut();
        boolean holds = seal(receipt, out);
        Path request = replay;
        if (holds && request != null) {
            holds = replay(receipt, read(request), out);
        }
        out.flush();
        return holds ? 0 : 1;
    }

    private boolean seal(ReceiptCheck receipt, PrintWriter out) {
        if (!receipt.isSealed() && unsigned) {
            out.println("Not signed: nobody vouches for what this receipt says.");
            return true;
        }
        try {
            ReceiptCheck.Sealed sealed = receipt.seal();
            Optional<String> wanted = Optional.ofNullable(fingerprint)
                    .map(text -> text.replace(":", "").strip().toLowerCase(Locale.ROOT));
            if (wanted.isEmpty()) {
                out.println("Signed by " + sealed.coordinator() + " of the cluster " + sealed.fingerprint() + ".");
                out.println("Whether that is the cluster you mean, its fingerprint tells: give the one you know with"
                        + " --fingerprint.");
                return false;
            }
            if (!wanted.get().equals(sealed.fingerprint())) {
                out.println("Signed by another cluster: its fingerprint is " + sealed.fingerprint() + ".");
                return false;
            }
            JsonNode content = receipt.content();
            out.println("The receipt holds: signed by " + sealed.coordinator() + " of this cluster on "
                    + plain(content.path("issued").asText()) + ", for an answer of "
                    + plain(content.path("model").path("name").asText()) + ", "
                    + plain(content.path("model").path("digest").asText()) + ".");
            return true;
        } catch (ReceiptCheck.InvalidReceiptException e) {
            out.println("The receipt does not hold. " + e.getMessage());
            return false;
        }
    }

    private boolean replay(ReceiptCheck receipt, byte[] request, PrintWriter out)
            throws CommandException, InterruptedException {
        ReceiptCheck again = read(ask(again(request, receipt)), url.toString());
        List<String> differences = receipt.differences(again);
        differences.forEach(difference -> out.println(plain(difference)));
        out.println(differences.isEmpty()
                ? "Asked again, the answer is the same, word for word."
                : "Asked again, the answer is another.");
        return differences.isEmpty();
    }

    /** The request as it was, with the seed that was drawn for it, in one piece and with a receipt. */
    private static byte[] again(byte[] request, ReceiptCheck receipt) throws CommandException {
        try {
            if (JSON.readTree(request) instanceof ObjectNode body) {
                body.put("seed", Long.parseUnsignedLong(receipt.seed())).put("stream", false).put("receipt", true);
                body.remove("stream_options");
                return JSON.writeValueAsBytes(body);
            }
        } catch (IOException | NumberFormatException e) {
            throw new CommandException("the request, or the receipt's seed, cannot be read: " + e.getMessage() + ".",
                    e);
        }
        throw new CommandException("the request is no JSON object; give the body that was sent.");
    }

    private byte[] ask(byte[] body) throws CommandException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build()) {
            HttpResponse<InputStream> response = http.send(
                    credential.addTo(HttpRequest.newBuilder(url.resolve(path)), url).timeout(PATIENCE)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream answer = response.body()) {
                byte[] bytes = answer.readNBytes(MAX_BYTES);
                if (response.statusCode() != 200) {
                    throw new CommandException(url + " answered HTTP " + response.statusCode() + ": "
                            + plain(JSON.readTree(bytes).path("error").path("message").asText()));
                }
                return bytes;
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException("no Barnraiser answers at " + url + "; name another with --url.", e);
        }
    }

    private static ReceiptCheck read(byte[] json, String where) throws CommandException {
        try {
            return ReceiptCheck.read(json);
        } catch (ReceiptCheck.InvalidReceiptException e) {
            throw new CommandException("there is no receipt in " + where + ". " + e.getMessage(), e);
        }
    }

    private static byte[] read(Path file) throws CommandException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES);
        } catch (IOException e) {
            throw new CommandException("the file " + file + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private static String plain(String text) {
        return Lines.plain(text, MAX_TEXT);
    }
}

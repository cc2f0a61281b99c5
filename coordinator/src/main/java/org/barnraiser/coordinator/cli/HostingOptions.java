package org.barnraiser.coordinator.cli;

import com.google.common.collect.ImmutableSet;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.account.Members;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.coordinator.api.ServerCertificate;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.cluster.PipelineSettings;
import org.barnraiser.coordinator.cluster.WeightsSettings;
import org.barnraiser.coordinator.cluster.Wire;
import org.barnraiser.coordinator.plan.Aim;
import org.barnraiser.coordinator.schedule.Speculation;
import org.barnraiser.trust.TrustException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How models are hosted; the same words for every command that hosts one. */
final class HostingOptions {
    private static final int MAX_PATIENCE_SECONDS = 3600;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMGT])(?:i?B)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    @Option(names = "--context", paramLabel = "TOKENS", defaultValue = "0", description = "Tokens one conversation may use"
            + " (default: what the model was trained for, at most 4096).")
    private int contextTokens;

    @Option(names = "--slots", paramLabel = "N", defaultValue = "4", description = "Answers at the same time (default: ${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--pipelines", paramLabel = "N", defaultValue = "1", description = "Times that a model is hosted as a whole, each by"
            + " machines of its own and with --slots of its own, as far as there are enough of them: more answers together, and nobody"
            + " waits while one is mended (default: ${DEFAULT-VALUE}).")
    private int pipelines;

    @Option(names = "--forget", description = "Compute every question whole: share nothing between questions that begin alike, and keep"
            + " nothing of an answer that has ended.")
    private boolean forget;

    @Option(names = "--wire", paramLabel = "auto|f32|f16|q8", defaultValue = "auto", description = "Encoding of hidden states between"
            + " machines: auto is f32, which is exact, and f16 where a link is measured to be slow (default: ${DEFAULT-VALUE}).")
    private Wire wire = Wire.AUTO;

    @Option(names = "--speculate", paramLabel = "auto|off|N", defaultValue = "auto", description = "Guess tokens ahead from what stands"
            + " in question and answer already, and verify them together: where it pays, never, or always N"
            + " (default: ${DEFAULT-VALUE}). Answers are the same.")
    private String speculate = "auto";

    @Option(names = "--draft", paramLabel = "MODEL", description = "A small model with the same vocabulary, which guesses tokens ahead"
            + " as --speculate says: it is loaded whole on the first machine of the pipeline, beside its layers. Answers are the same.")
    private @Nullable String draft;

    @Option(names = "--patience", paramLabel = "SECONDS", defaultValue = "60", description = "How long answers wait for other"
            + " machines when some have left (default: ${DEFAULT-VALUE}).")
    private int patienceSeconds;

    @Option(names = "--on-demand", description = "Machines come when they are asked for: requests wait for them, for as long as"
            + " --patience says, even when none is here.")
    private boolean onDemand;

    @Option(names = "--grace", paramLabel = "SECONDS", defaultValue = "5", description = "How long running answers may finish when"
            + " this is stopped (default: ${DEFAULT-VALUE}).")
    private int graceSeconds;

    @Option(names = "--copies", paramLabel = "N", defaultValue = "2", description = "Disks that are to have each tensor, as far as"
            + " there is room, this machine's included (default: ${DEFAULT-VALUE}).")
    private int copies;

    @Option(names = "--upload-limit", paramLabel = "SIZE", description = "What workers may fetch from here per second, such as"
            + " 10M (default: no limit).")
    private @Nullable String uploadLimit;

    @Option(names = "--give-up", paramLabel = "DIGEST", description = "Workers that are short of disk may delete even the last copy of"
            + " this model, which is not hosted any more; once for each model.")
    private List<String> givenUp = List.of();

    @Option(names = "--no-copy", description = "Do not keep the weights of a model from a hub or a web server here: workers take theirs"
            + " from there, or from each other.")
    private boolean noCopy;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Address the HTTP server listens on"
            + " (default: ${DEFAULT-VALUE}, this machine only).")
    private String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "8080", description = "Port of the HTTP server, 0 for any (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Speak HTTPS to readers with this certificate (PEM, with those that"
            + " vouch for it); a new file is taken without a restart.")
    private @Nullable Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of --tls-cert (PEM, without a password).")
    private @Nullable Path tlsKey;

    @Option(names = "--kiosk", paramLabel = "MINUTES", arity = "0..1", fallbackValue = "10", description = "For computers that"
            + " people share: the pages keep nothing, and forget a conversation after so many idle minutes (default: off; 10 when"
            + " MINUTES are left out).")
    private @Nullable Integer kioskMinutes;

    @Option(names = "--open", description = "Serve everybody who reaches this address, key or not (default: those with a key; before"
            + " the first one is made, this machine).")
    private boolean open;

    @Option(names = "--guests", description = "Let those without a key ask the model, and nothing more.")
    private boolean guests;

    @Option(names = "--given-keys", paramLabel = "DIR", description = "Keys that were made elsewhere: files called admin, member or guest"
            + " (Kubernetes: a Secret).")
    private @Nullable Path givenKeys;

    @Option(names = "--database", paramLabel = "URL", defaultValue = "${env:BARN_DATABASE}", description = "Where members are kept:"
            + " jdbc:postgresql://…, for several coordinators (default: $BARN_DATABASE, else a file in the data folder).")
    private @Nullable String database;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    @Option(names = "--optimise", paramLabel = "WHAT", defaultValue = "latency", description = "latency: the shortest time per token for"
            + " one reader; throughput: the most tokens for all --slots together (default: ${DEFAULT-VALUE}).")
    private Optimise optimise = Optimise.LATENCY;

    @Option(names = "--alias", paramLabel = "ALIAS=NAME", description = "Another name of a model, by which readers may ask for it too;"
            + " NAME is what GET /v1/models calls it. Once for each alias.")
    private Map<String, String> aliases = Map.of();

    @Option(names = "--trusted-ends", description = "First and last layers only on workers with --label trusted=yes: these see what"
            + " people write.")
    private boolean trustedEnds;

    int pipelines() throws CommandException {
        if (pipelines < 1 || pipelines > CoordinatorConfig.MAX_PIPELINES) {
            throw new CommandException("--pipelines must be from 1 to " + CoordinatorConfig.MAX_PIPELINES + ".");
        }
        return pipelines;
    }

    PipelineSettings pipeline() throws CommandException {
        try {
            PipelineSettings standard = PipelineSettings.standard();
            return new PipelineSettings(slots, contextTokens, standard.cacheTokens(), standard.maxStepTokens(),
                    wire, !forget,
                    Speculation.of(speculate));
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage() + ".", e);
        }
    }

    /** What {@code --model} names, once or several times; blocks while models are fetched. */
    List<ModelToHost> models(List<String> named, Path dataFolder, PrintWriter out)
            throws CommandException, InterruptedException {
        List<ModelToHost> hosted = new ArrayList<>();
        for (String model : named) {
            hosted.add(ModelChoice.of("--model", model, !noCopy, dataFolder, out));
        }
        return hosted;
    }

    /** The model that guesses for the others; blocks while it is fetched. */
    Optional<ModelToHost> draft(Path dataFolder, PrintWriter out) throws CommandException, InterruptedException {
        return draft == null
                ? Optional.empty()
                : Optional.of(ModelChoice.of("--draft", draft, !noCopy, dataFolder, out));
    }

    /** Other names of models. */
    Map<String, String> aliases() {
        return aliases;
    }

    /** What plans are made for. */
    Aim aim() {
        return new Aim(optimise == Optimise.LATENCY ? 1 : Math.max(1, slots), trustedEnds);
    }

    WeightsSettings weights() throws CommandException {
        try {
            return new WeightsSettings(copies, uploadLimit == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(bytes("--upload-limit", uploadLimit)), digests("--give-up", givenUp));
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage() + ".", e);
        }
    }

    private static ImmutableSet<String> digests(String option, List<String> given) {
        ImmutableSet<String> digests = given.stream().map(digest -> digest.replaceFirst("^sha256:", ""))
                .collect(ImmutableSet.toImmutableSet());
        digests.stream().filter(digest -> !DIGEST.matcher(digest).matches()).findFirst().ifPresent(wrong -> {
            throw new IllegalArgumentException(
                    option + " " + wrong + " is no digest of a model: 64 hexadecimal digits are wanted");
        });
        return digests;
    }

    private static long bytes(String option, String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw new IllegalArgumentException(
                    option + " " + text + " is no size: write a number and a unit, such as 10M");
        }
        return Long
                .parseLong(matcher.group(1)) << (10 * ("KMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1));
    }

    DataDirectory openData() throws CommandException {
        return DataDirectory.open(data);
    }

    Duration patience() throws CommandException {
        if (patienceSeconds < 0 || patienceSeconds > MAX_PATIENCE_SECONDS) {
            throw new CommandException("--patience is " + patienceSeconds + "; it must be from 0 to "
                    + MAX_PATIENCE_SECONDS + " seconds.");
        }
        return Duration.ofSeconds(patienceSeconds);
    }

    boolean onDemand() {
        return onDemand;
    }

    Duration grace() throws CommandException {
        if (graceSeconds < 0 || graceSeconds > MAX_PATIENCE_SECONDS) {
            throw new CommandException("--grace is " + graceSeconds + "; it must be from 0 to " + MAX_PATIENCE_SECONDS
                    + " seconds.");
        }
        return Duration.ofSeconds(graceSeconds);
    }

    OptionalInt kioskMinutes() throws CommandException {
        if (kioskMinutes == null) {
            return OptionalInt.empty();
        }
        if (kioskMinutes < 1 || kioskMinutes > 24 * 60) {
            throw new CommandException("--kiosk is " + kioskMinutes + "; it must be from 1 to 1440 minutes.");
        }
        return OptionalInt.of(kioskMinutes);
    }

    Members.Settings members(Path dataFolder) {
        Optional<Role> withoutKey = open
                ? Optional.of(Role.MEMBER)
                : guests ? Optional.of(Role.GUEST) : Optional.empty();
        return new Members.Settings(dataFolder, Optional.ofNullable(database).filter(url -> !url.isBlank()),
                withoutKey, Optional.ofNullable(givenKeys));
    }

    /** What readers are shown; empty: they are spoken to in the clear. */
    Optional<ServerCertificate> certificate() throws CommandException {
        if (tlsCertificate == null && tlsKey == null) {
            return Optional.empty();
        }
        if (tlsCertificate == null || tlsKey == null) {
            throw new CommandException("--tls-cert and --tls-key go together; give both.");
        }
        try {
            return Optional.of(ServerCertificate.of(tlsCertificate, tlsKey));
        } catch (TrustException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    String host() {
        return host;
    }

    int port() throws CommandException {
        if (port < 0 || port > 65535) {
            throw new CommandException("--port is " + port + "; it must be from 0 to 65535.");
        }
        return port;
    }
}

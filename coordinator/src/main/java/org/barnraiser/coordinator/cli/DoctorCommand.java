package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.coordinator.doctor.Doctor;
import org.barnraiser.coordinator.doctor.DoctorSettings;
import org.barnraiser.coordinator.doctor.Report;
import org.barnraiser.coordinator.terminal.Terminal;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.trust.TrustException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code barn doctor}: what is wrong here, and what to do. Exit code 0 when nothing is broken, 1 otherwise. */
@Command(name = "doctor", mixinStandardHelpOptions = true, description = "Checks this machine and the cluster, and says what to do.")
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--zookeeper", paramLabel = "H:P[,H:P…]", description = "The cluster's ZooKeeper (default: that of the 'barn up'"
            + " that runs with the data folder, if one does).")
    private @Nullable String zooKeeper;

    @Option(names = "--url", paramLabel = "URL", description = "An endpoint that should answer (default: this machine's, if there"
            + " is one).")
    private @Nullable URI url;

    @Option(names = "--port", defaultValue = "8080", description = "Port for readers on this machine (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    @Option(names = "--llama-lib", paramLabel = "DIR", defaultValue = "${env:BARN_LLAMA_LIB}", description = "Folder with a llama.cpp"
            + " build to try instead of the bundled one, or 'bundled' (default: $BARN_LLAMA_LIB).")
    private @Nullable Path llamaLibrary;

    @Option(names = "--seconds", hidden = true, defaultValue = "14", description = "Time that all of it may take.")
    private int seconds;

    @Option(names = "--json", description = "Print the findings as JSON.")
    private boolean json;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    DoctorCommand() {}

    @Override
    public Integer call() throws CommandException, TrustException, InterruptedException {
        DoctorSettings settings = settings();
        Report report = new Doctor(settings, ClusterTrust.ofCommand(settings.data())).examine();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.json());
        } else {
            report.lines(wantsColour()).forEach(out::println);
        }
        out.flush();
        return report.isBroken() ? 1 : 0;
    }

    private DoctorSettings settings() throws CommandException {
        if (url != null && (url.getHost() == null || !String.valueOf(url.getScheme()).matches("https?"))) {
            throw new CommandException("--url " + url + " is no address of an endpoint; write http://HOST:PORT.");
        }
        if (port < 1 || port > 65535 || seconds < 2) {
            throw new CommandException("--port must be from 1 to 65535, and --seconds at least 2.");
        }
        Path folder = DataDirectory.pathOf(data);
        String java = System.getProperty("barn.java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString());
        return new DoctorSettings(folder,
                Optional.ofNullable(llamaLibrary).filter(library -> !library.equals(Path.of("bundled"))),
                Optional.ofNullable(zooKeeper).or(() -> EmbeddedZooKeeper.running(folder)), Optional.ofNullable(url),
                port, java, System.getProperty("barn.worker.classpath", ""), Duration.ofSeconds(seconds));
    }

    private static boolean wantsColour() {
        return Terminal.isThere() && System.getenv("NO_COLOR") == null;
    }
}

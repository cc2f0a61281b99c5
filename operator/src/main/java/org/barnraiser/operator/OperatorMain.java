package org.barnraiser.operator;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.reconcile.Operator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barn operator}: keeps InferenceClusters on Kubernetes staffed until it is stopped, or another operator leads. */
@Command(name = "operator", mixinStandardHelpOptions = true, sortOptions = false, description = "Keeps InferenceClusters on Kubernetes staffed.")
public final class OperatorMain implements Callable<Integer> {
    private static final String VERSION = Optional
            .ofNullable(OperatorMain.class.getPackage().getImplementationVersion())
            .orElse("0.1.0-SNAPSHOT");

    @Option(names = "--namespace", paramLabel = "NAME", defaultValue = "${env:WATCH_NAMESPACE}", description = "the namespace to look after (default: $WATCH_NAMESPACE, else all)")
    private @Nullable String namespace;

    @Option(names = "--lease-namespace", paramLabel = "NAME", defaultValue = "${env:POD_NAMESPACE}", description = "where the Lease is (default: $POD_NAMESPACE, else --namespace, else default)")
    private @Nullable String leaseNamespace;

    @Option(names = "--identity", paramLabel = "NAME", defaultValue = "${env:POD_NAME}", description = "this operator's name in the Lease (default: $POD_NAME, else host and process)")
    private @Nullable String identity;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8081", description = "for /healthz, /readyz and /metrics; 0 for any (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--look-seconds", paramLabel = "N", defaultValue = "2", description = "from one look at a cluster to the next (default: ${DEFAULT-VALUE})")
    private int lookSeconds;

    @Option(names = "--silence-seconds", paramLabel = "N", defaultValue = "60", description = "how long a worker may give no sign of life before its pod is replaced (default: ${DEFAULT-VALUE})")
    private int silenceSeconds;

    @Option(names = "--lease-seconds", paramLabel = "N", defaultValue = "15", description = "how long others wait for one that leads and is not heard of (default: ${DEFAULT-VALUE})")
    private int leaseSeconds;

    /** Exit status 0 after SIGTERM, 1 when it has lost its Lease or cannot go on, 2 when an option is wrong. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new OperatorMain()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run(ClientBuilder.standard().build());
        } catch (IOException e) {
            System.err.println("barn operator: it cannot start: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private int run(ApiClient client) throws IOException, InterruptedException {
        Operator operator = new Operator(new KubeApi(client), options());
        Thread working = Thread.currentThread();
        AtomicBoolean stopping = new AtomicBoolean();
        Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> {
            stopping.set(true);
            working.interrupt();
            operator.close();
            Runtime.getRuntime().halt(0);
        });
        try (HealthServer health = HealthServer.start(port, operator)) {
            System.out.println("The operator's health is at port " + health.port() + ".");
            Runtime.getRuntime().addShutdownHook(stop);
            String lost = operator.run();
            if (stopping.get()) {
                // Its own Lease, given up.
                stop.join();
            }
            System.err.println("barn operator: " + lost + " This one ends, to be started anew.");
            // No hook: the Lease is not this one's to give up, and nothing may change any more.
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException e) {
            stop.join();
            throw e;
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private Operator.Options options() {
        String watched = text(namespace);
        return new Operator.Options(watched, either(text(leaseNamespace), either(watched, "default")),
                either(text(identity), host() + "-" + ProcessHandle.current().pid()),
                either(env("BARN_COORDINATOR_IMAGE"), "barnraiser/coordinator:" + VERSION),
                either(env("BARN_WORKER_IMAGE"), "barnraiser/worker:" + VERSION),
                either(env("BARN_ZOOKEEPER_IMAGE"), "zookeeper:3.9.5"),
                Duration.ofSeconds(Math.max(1, lookSeconds)), Duration.ofSeconds(Math.max(1, silenceSeconds)),
                Duration.ofSeconds(Math.max(3, leaseSeconds)));
    }

    private static String text(@Nullable String given) {
        return given == null ? "" : given.strip();
    }

    private static String env(String name) {
        return text(System.getenv(name));
    }

    private static String either(String text, String fallback) {
        return text.isEmpty() ? fallback : text;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "operator";
        }
    }
}

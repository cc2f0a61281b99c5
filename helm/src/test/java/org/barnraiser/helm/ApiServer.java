package org.barnraiser.helm;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.testing.kube.ControlPlane;
import org.junit.jupiter.api.Assumptions;

import static org.awaitility.Awaitility.await;

/** A real Kubernetes API server, asked by kubectl, and nothing that acts on what it holds. */
public final class ApiServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ControlPlane plane;
    private final Path kubectl;

    private ApiServer(ControlPlane plane, Path kubectl) {
        this.plane = plane;
        this.kubectl = kubectl;
    }

    /** Starts it, or skips the test where its programs are not there. */
    public static ApiServer start(Path folder) throws IOException {
        Optional<Path> programs = ControlPlane.programs();
        Assumptions.assumeTrue(programs.isPresent(), "no control plane");
        Path kubectl = Tool.require("kubectl", "kubernetes-client");
        ApiServer server = new ApiServer(new ControlPlane(programs.orElseThrow(), folder), kubectl);
        try {
            await().atMost(PATIENCE).until(() -> server.kubectl(List.of("get", "namespace", "default")).status() == 0);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** How to reach it, as an administrator. */
    public Path kubeconfig() {
        return plane.kubeconfig("admin");
    }

    /** Runs kubectl in the root of the repository. */
    public Tool.Result kubectl(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(kubectl.toString(), "--kubeconfig", kubeconfig().toString()));
        command.addAll(arguments);
        return Tool.run(SourceTree.path("."), command);
    }

    @Override
    public void close() {
        plane.close();
    }
}

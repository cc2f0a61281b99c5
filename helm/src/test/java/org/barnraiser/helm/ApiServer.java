package org.barnraiser.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.testing.FreePort;
import org.junit.jupiter.api.Assumptions;

import static org.awaitility.Awaitility.await;

/** A real Kubernetes API server with its etcd, and nothing that acts on what it holds. */
public final class ApiServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path folder;
    private final Path kubectl;
    private final List<Process> processes = new ArrayList<>();

    private ApiServer(Path folder, Path kubectl) {
        this.folder = folder;
        this.kubectl = kubectl;
    }

    /** Starts it, or skips the test where its programs are not there. */
    public static ApiServer start(Path folder) throws IOException, NoSuchAlgorithmException {
        Path programs = programs();
        ApiServer server = new ApiServer(folder, Tool.require("kubectl", "kubernetes-client"));
        try {
            server.run(programs);
            await().atMost(PATIENCE).until(() -> server.kubectl(List.of("get", "namespace", "default")).status() == 0);
        } catch (RuntimeException | IOException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static Path programs() {
        String given = System.getenv().getOrDefault("BARN_KUBE", "");
        Path folder = given.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "barnraiser", "kube")
                : Path.of(given);
        if (Stream.of("etcd", "kube-apiserver").anyMatch(program -> !Files.isExecutable(folder.resolve(program)))) {
            String reason = "Skipped: there is no Kubernetes control plane in " + folder
                    + "; operator/src/test/kube/control-plane.sh builds one.";
            System.out.println(reason);
            Assumptions.abort(reason);
        }
        return folder;
    }

    private void run(Path programs) throws IOException, NoSuchAlgorithmException {
        String store = "http://127.0.0.1:" + FreePort.take();
        String peer = "http://127.0.0.1:" + FreePort.take();
        run("etcd", programs.resolve("etcd").toString(), "--name", "default", "--data-dir",
                folder.resolve("etcd").toString(), "--unsafe-no-fsync", "--listen-client-urls", store,
                "--advertise-client-urls", store, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", "default=" + peer);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        Path secret = Files.writeString(folder.resolve("keys.pem"),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        Path open = Files.writeString(folder.resolve("public.pem"), pem("PUBLIC KEY", keys.getPublic().getEncoded()));
        Path tokens = Files.writeString(folder.resolve("tokens.csv"), "admin,admin,admin,system:masters\n");
        int port = FreePort.take();
        Files.writeString(kubeconfig(),
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
                users: [{name: test, user: {token: admin}}]
                contexts: [{name: test, context: {cluster: test, user: test}}]
                current-context: test
                """.formatted(port));
        run("apiserver", programs.resolve("kube-apiserver").toString(), "--etcd-servers", store, "--bind-address",
                "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", Integer.toString(port),
                "--insecure-port=0", "--cert-dir", folder.resolve("certs").toString(), "--token-auth-file",
                tokens.toString(), "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc", "--service-account-signing-key-file",
                secret.toString(), "--service-account-key-file", open.toString(),
                "--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range=10.0.0.0/24");
    }

    private void run(String name, String... command) throws IOException {
        processes.add(new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile()).start());
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(bytes)
                + "\n-----END " + kind + "-----\n";
    }

    /** How to reach it, as an administrator. */
    public Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    /** Runs kubectl in the root of the repository. */
    public Tool.Result kubectl(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(kubectl.toString(), "--kubeconfig", kubeconfig().toString()));
        command.addAll(arguments);
        return Tool.run(SourceTree.path("."), command);
    }

    @Override
    public void close() {
        for (Process process : processes.reversed()) {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException _) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}

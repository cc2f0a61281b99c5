package org.barnraiser.testing.kube;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.barnraiser.testing.FreePort;

/**
 * A real API server with its etcd and, if wanted, controllers: those that make pods of StatefulSets and Deployments, and collect garbage. It may
 * take some seconds until it answers. None outlives the tests.
 */
public final class ControlPlane implements AutoCloseable {
    private static final String CONTROLLERS = "deployment,replicaset,statefulset,garbagecollector,disruption,"
            + "pvc-protection,endpoint";
    /** Who may do everything, and who may do nothing yet. */
    private static final List<String> USERS = List.of("admin", "operator");

    private final Path folder;
    private final Path programs;
    private final int port;
    private final String store;
    private final Deque<Process> running = new ArrayDeque<>();
    private final Thread atExit = new Thread(() -> List.copyOf(running).forEach(Process::destroyForcibly));
    private Process apiServer;

    /** Where the programs are; empty, with the reason printed, when they are not there. */
    public static Optional<Path> programs() {
        String given = System.getenv().getOrDefault("BARN_KUBE", "");
        Path folder = given.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "barnraiser", "kube")
                : Path.of(given);
        boolean complete = List.of("etcd", "kube-apiserver", "kube-controller-manager").stream()
                .allMatch(program -> Files.isExecutable(folder.resolve(program)));
        if (!complete) {
            System.out.println("SKIPPED: there is no Kubernetes control plane in " + folder
                    + "; operator/src/test/kube/control-plane.sh builds one.");
        }
        return complete ? Optional.of(folder) : Optional.empty();
    }

    /** @param folder for its data, keys and logs */
    public ControlPlane(Path programs, Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.programs = programs;
        this.port = FreePort.take();
        this.store = "http://127.0.0.1:" + FreePort.take();
        Runtime.getRuntime().addShutdownHook(atExit);
        String peer = "http://127.0.0.1:" + FreePort.take();
        run("etcd", "--name", "default", "--data-dir", folder.resolve("etcd").toString(), "--unsafe-no-fsync",
                "--listen-client-urls", store, "--advertise-client-urls", store, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer);
        writeKeys();
        for (String user : USERS) {
            Files.writeString(kubeconfig(user),
                    """
                    apiVersion: v1
                    kind: Config
                    clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
                    users: [{name: test, user: {token: %s}}]
                    contexts: [{name: test, context: {cluster: test, user: test}}]
                    current-context: test
                    """.formatted(port, user));
        }
        apiServer = startApiServer();
    }

    /** Starts it again, after it was ended, with the data it had. */
    public void restartApiServer() throws IOException {
        apiServer = startApiServer();
    }

    private Process startApiServer() throws IOException {
        return run("kube-apiserver", "--etcd-servers", store, "--bind-address", "127.0.0.1", "--advertise-address",
                "127.0.0.1", "--secure-port", Integer.toString(port), "--insecure-port=0", "--cert-dir",
                folder.resolve("certs").toString(), "--token-auth-file", folder.resolve("tokens.csv").toString(),
                "--authorization-mode=RBAC", "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file", folder.resolve("keys.pem").toString(),
                "--service-account-key-file", folder.resolve("public.pem").toString(),
                "--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range=10.0.0.0/24");
    }

    /** From now on there are pods for what asks for them, and garbage is collected. */
    public void startControllers() throws IOException {
        var _ = run("kube-controller-manager", "--kubeconfig", kubeconfig("admin").toString(), "--leader-elect=false",
                "--controllers=" + CONTROLLERS, "--port=0", "--secure-port=0", "--kube-api-qps=200",
                "--kube-api-burst=300");
    }

    private Process run(String program, String... arguments) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(programs.resolve(program).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(program + ".log").toFile())).start();
        running.push(process);
        return process;
    }

    private void writeKeys() throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair keys = generator.generateKeyPair();
            Files.writeString(folder.resolve("keys.pem"), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
            Files.writeString(folder.resolve("public.pem"), pem("PUBLIC KEY", keys.getPublic().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has RSA", e);
        }
        Files.writeString(folder.resolve("tokens.csv"),
                "admin,admin,admin,system:masters\noperator,operator,operator\n");
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(bytes)
                + "\n-----END " + kind + "-----\n";
    }

    public Process apiServer() {
        return apiServer;
    }

    /** @param user {@code admin}, or {@code operator}, who may do nothing yet */
    public Path kubeconfig(String user) {
        return folder.resolve("kubeconfig-" + user);
    }

    @Override
    public void close() {
        // What they hold is of no more use.
        for (Process process : running) {
            process.destroyForcibly().onExit().join();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}

package org.barnraiser.operator.cluster;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.Config;
import java.io.FileReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.testing.FreePort;

/** A real API server with its etcd and controllers: those that make pods of StatefulSets and Deployments, and collect garbage. */
final class ControlPlane implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String CONTROLLERS = "deployment,replicaset,statefulset,garbagecollector,disruption,"
            + "pvc-protection,endpoint";

    private final Path folder;
    private final Path programs;
    private final int port = FreePort.take();
    private final int etcdPort = FreePort.take();
    private final Child etcd;
    private Child apiServer;
    private final Child controllers;

    /** Where the programs are; empty, with the reason printed, when they are not there. */
    static Optional<Path> programs() {
        String given = System.getenv("BARN_KUBE");
        Path folder = given == null || given.isEmpty()
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

    static ControlPlane start(Path programs, Path folder) throws Exception {
        return new ControlPlane(programs, folder);
    }

    private ControlPlane(Path programs, Path folder) throws Exception {
        this.folder = folder;
        this.programs = programs;
        Files.createDirectories(folder);
        String peer = "http://127.0.0.1:" + FreePort.take();
        etcd = Child.program(List.of(programs.resolve("etcd").toString(), "--name", "default", "--data-dir",
                folder.resolve("etcd").toString(), "--unsafe-no-fsync", "--listen-client-urls", etcdUrl(),
                "--advertise-client-urls", etcdUrl(), "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", "default=" + peer), folder.resolve("etcd.log"));
        writeKeys();
        Files.writeString(folder.resolve("tokens.csv"), "admin,admin,admin,system:masters\n");
        Files.writeString(kubeconfig(),
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
                users: [{name: test, user: {token: admin}}]
                contexts: [{name: test, context: {cluster: test, user: test}}]
                current-context: test
                """.formatted(port));
        startApiServer();
        controllers = Child.program(List.of(programs.resolve("kube-controller-manager").toString(), "--kubeconfig",
                kubeconfig().toString(), "--leader-elect=false", "--controllers=" + CONTROLLERS, "--port=0",
                "--secure-port=0", "--kube-api-qps=200", "--kube-api-burst=300"), folder.resolve("controllers.log"));
    }

    private String etcdUrl() {
        return "http://127.0.0.1:" + etcdPort;
    }

    /** Starts it, or starts it again with the data it had. */
    void startApiServer() throws IOException {
        String keys = folder.resolve("keys.pem").toString();
        apiServer = Child.program(List.of(programs.resolve("kube-apiserver").toString(), "--etcd-servers", etcdUrl(),
                "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port",
                Integer.toString(port), "--insecure-port=0", "--cert-dir", folder.resolve("certs").toString(),
                "--token-auth-file", folder.resolve("tokens.csv").toString(), "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc", "--service-account-signing-key-file", keys,
                "--service-account-key-file", folder.resolve("public.pem").toString(),
                "--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range=10.0.0.0/24"),
                folder.resolve("apiserver.log"));
        KubeApi api = api();
        Awaitility.await("the API server").atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            try {
                return api.get("/api/v1/namespaces/default").isPresent();
            } catch (KubeException _) {
                return false;
            }
        });
    }

    Child apiServer() {
        return apiServer;
    }

    Path kubeconfig() {
        return folder.resolve("kubeconfig");
    }

    ApiClient client() throws IOException {
        try (Reader config = new FileReader(kubeconfig().toFile(), StandardCharsets.UTF_8)) {
            return Config.fromConfig(config).setVerifyingSsl(false);
        }
    }

    KubeApi api() throws IOException {
        return new KubeApi(client());
    }

    private void writeKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        Files.writeString(folder.resolve("keys.pem"), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        Files.writeString(folder.resolve("public.pem"), pem("PUBLIC KEY", keys.getPublic().getEncoded()));
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(bytes)
                + "\n-----END " + kind + "-----\n";
    }

    @Override
    public void close() {
        controllers.close();
        apiServer.close();
        etcd.close();
    }
}

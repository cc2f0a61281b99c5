package org.barnraiser.operator.cluster;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;

/**
 * Plays scheduler and kubelet: binds pods, runs what their containers say as processes of this machine, each with a loopback address of its
 * own, tells whether their ports are open, restarts what ends, and ends what is deleted in its time. One thread.
 */
final class PodRunner {
    private static final long PAUSE_MILLIS = 200;
    private static final Map<String, String> PROGRAMS = Map.of("coordinator", "org.barnraiser.coordinator.cli.Barn",
            "worker", "org.barnraiser.worker.WorkerMain", "zookeeper",
            "org.apache.zookeeper.server.quorum.QuorumPeerMain");
    private static final Map<String, Integer> PORTS = Map.of("coordinator", 8080, "worker", 9090, "zookeeper", 2181);

    private final KubeApi api;
    private final String pods;
    private final String namespace;
    private final Path folder;
    private final Thread thread;
    /** By uid; touched by the thread and, guarded, by tests. */
    private final Map<String, RunningPod> running = new HashMap<>();
    private volatile boolean closed;
    private int addresses;

    /** A pod whose process was started. */
    private static final class RunningPod {
        final String name;
        final String address;
        final String program;
        final List<String> arguments;
        final Path log;
        Child process;
        long killAtNanos;
        boolean ready;
        boolean told;

        RunningPod(String name, String address, String program, List<String> arguments, Path log, Child process) {
            this.name = name;
            this.address = address;
            this.program = program;
            this.arguments = arguments;
            this.log = log;
            this.process = process;
        }
    }

    PodRunner(KubeApi api, String namespace, Path folder) {
        this.api = api;
        this.namespace = namespace;
        this.pods = "/api/v1/namespaces/" + namespace + "/pods";
        this.folder = folder;
        this.thread = Thread.ofPlatform().name("pods").daemon().start(this::run);
    }

    private void run() {
        while (!closed) {
            try {
                look();
                Thread.sleep(PAUSE_MILLIS);
            } catch (KubeException _) {
                pause();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws KubeException, IOException, InterruptedException {
        for (Tree pod : api.list(pods, "")) {
            try {
                look(pod);
            } catch (KubeException e) {
                // It went, or changed, in between.
                if (e.status() != 404 && !e.isConflict()) {
                    throw e;
                }
            }
        }
    }

    private void look(Tree pod) throws KubeException, IOException, InterruptedException {
        String name = pod.at("metadata", "name").text();
        RunningPod mine;
        synchronized (running) {
            mine = running.get(pod.at("metadata", "uid").text());
        }
        boolean leaving = pod.at("metadata", "deletionTimestamp").exists();
        if (pod.at("spec", "nodeName").text().isEmpty()) {
            if (!leaving) {
                bind(name);
            }
        } else if (mine == null) {
            if (leaving) {
                api.delete(pods + "/" + name, OptionalInt.of(0));
            } else {
                start(pod, name);
            }
        } else if (leaving) {
            end(pod, mine);
        } else {
            watch(mine);
        }
    }

    private void bind(String name) throws KubeException {
        JsonObject binding = Tree.parse("""
                                        {"apiVersion":"v1","kind":"Binding","metadata":{"name":"%s"},
                                         "target":{"apiVersion":"v1","kind":"Node","name":"here"}}""".formatted(name))
                .object();
        api.create(pods + "/" + name + "/binding", binding);
    }

    private void start(Tree pod, String name) throws KubeException, IOException {
        Tree container = pod.at("spec", "containers").items().getFirst();
        String program = container.at("name").text();
        String address = "127.77." + (addresses / 250 + 1) + "." + (addresses % 250 + 1);
        addresses++;
        Path data = Files.createDirectories(folder.resolve("data").resolve(hasClaim(pod)
                ? name
                : pod.at("metadata", "uid").text()));
        Optional<List<String>> arguments = arguments(container, program, name, address, data);
        if (arguments.isEmpty()) {
            return;
        }
        Path log = folder.resolve("logs").resolve(name + ".log");
        RunningPod mine = new RunningPod(name, address, program, arguments.get(), log,
                run(program, arguments.get(), log));
        synchronized (running) {
            running.put(pod.at("metadata", "uid").text(), mine);
        }
        tell(mine, "Running", false);
    }

    private static boolean hasClaim(Tree pod) {
        return pod.at("spec", "volumes").items().stream().anyMatch(volume -> volume.at("name").text().equals("data")
                && volume.at("persistentVolumeClaim").exists());
    }

    private static Child run(String program, List<String> arguments, Path log) throws IOException {
        return Child.java(java.util.Objects.requireNonNull(PROGRAMS.get(program)), 256, arguments, Map.of(), log);
    }

    /** As the container's are, with this machine's addresses and folders; empty while something it needs is not there. */
    private Optional<List<String>> arguments(Tree container, String program, String name, String address, Path data)
            throws KubeException, IOException {
        if (program.equals("zookeeper")) {
            Tree config = api.get("/api/v1/namespaces/" + namespace + "/configmaps/" + name.replaceAll("-\\d+$", ""))
                    .orElse(Tree.NOTHING).at("data", "zoo.cfg");
            Path file = data.resolve("zoo.cfg");
            Files.writeString(file, config.text().replace("dataDir=/data", "dataDir=" + data)
                    + "clientPortAddress=" + address + "\n");
            return config.exists() ? Optional.of(List.of(file.toString())) : Optional.empty();
        }
        List<String> arguments = new ArrayList<>();
        for (Tree argument : container.at("args").items()) {
            Optional<String> translated = translate(argument.text(), name, address, data);
            if (translated.isEmpty()) {
                return Optional.empty();
            }
            arguments.add(translated.get());
        }
        if (program.equals("worker")) {
            arguments.removeFirst();
        }
        return Optional.of(arguments);
    }

    private Optional<String> translate(String text, String name, String address, Path data) {
        if (text.endsWith("." + namespace + ".svc:2181")) {
            String server = text.substring(0, text.indexOf('.')) + "-0";
            synchronized (running) {
                return running.values().stream().filter(pod -> pod.name.equals(server) && pod.process.isAlive())
                        .map(pod -> pod.address + ":2181").findFirst();
            }
        }
        return Optional.of(switch (text) {
            case "/data" -> data.toString();
            case "0.0.0.0" -> address;
            default -> text.replace("$(POD_NAME)", name).replace("$(POD_IP)", address);
        });
    }

    private void watch(RunningPod pod) throws KubeException, IOException {
        if (!pod.process.isAlive()) {
            pod.process = run(pod.program, pod.arguments, pod.log);
        }
        boolean open = isOpen(pod);
        if (open != pod.ready || !pod.told) {
            tell(pod, "Running", open);
        }
    }

    private static boolean isOpen(RunningPod pod) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(pod.address, java.util.Objects.requireNonNull(PORTS.get(pod.program))),
                    200);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void tell(RunningPod pod, String phase, boolean ready) throws KubeException {
        String now = java.time.Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
        JsonObject patch = Tree.parse(
                """
                {"status":{"phase":"%s","podIP":"%s","podIPs":[{"ip":"%s"}],"startTime":"%s","conditions":[
                  {"type":"Ready","status":"%s","lastTransitionTime":"%s"},
                  {"type":"ContainersReady","status":"%s","lastTransitionTime":"%s"},
                  {"type":"PodScheduled","status":"True","lastTransitionTime":"%s"}]}}""".formatted(phase, pod.address,
                        pod.address, now, ready ? "True" : "False", now, ready ? "True" : "False", now, now))
                .object();
        api.mergePatch(pods + "/" + pod.name + "/status", patch);
        pod.ready = ready;
        pod.told = true;
    }

    private void end(Tree pod, RunningPod mine) throws KubeException, IOException, InterruptedException {
        long grace = pod.at("metadata", "deletionGracePeriodSeconds").number(30);
        long killAt = System.nanoTime() + grace * 1_000_000_000;
        if (mine.killAtNanos == 0) {
            mine.process.terminate();
            mine.killAtNanos = killAt;
        }
        // A second deletion may shorten the time.
        mine.killAtNanos = Math.min(mine.killAtNanos, killAt);
        if (System.nanoTime() > mine.killAtNanos) {
            mine.process.close();
        }
        if (!mine.process.isAlive()) {
            synchronized (running) {
                running.remove(pod.at("metadata", "uid").text());
            }
            api.delete(pods + "/" + mine.name, OptionalInt.of(0));
        }
    }

    /** The process of a pod that runs now. */
    Optional<Child> process(String pod) {
        synchronized (running) {
            return running.values().stream().filter(one -> one.name.equals(pod)).map(one -> one.process).findFirst();
        }
    }

    /** Where pods whose names begin so are reached now. */
    List<String> addresses(String prefix) {
        synchronized (running) {
            return running.values().stream().filter(one -> one.name.startsWith(prefix) && one.ready
                    && one.killAtNanos == 0).map(one -> one.address).toList();
        }
    }

    /** The ends of all logs. */
    String logs() throws IOException {
        StringBuilder text = new StringBuilder();
        Path logs = folder.resolve("logs");
        if (Files.isDirectory(logs)) {
            try (var files = Files.list(logs)) {
                for (Path file : files.toList()) {
                    String all = Files.readString(file);
                    text.append("--- ").append(file.getFileName()).append('\n')
                            .append(all, Math.max(0, all.length() - 1500), all.length());
                }
            }
        }
        return text.toString();
    }

    /** Ends all of it. */
    void close() throws InterruptedException {
        closed = true;
        thread.interrupt();
        thread.join();
        synchronized (running) {
            running.values().forEach(pod -> pod.process.close());
            running.clear();
        }
    }
}

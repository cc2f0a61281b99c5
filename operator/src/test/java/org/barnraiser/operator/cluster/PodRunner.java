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
    private final PodVolumes volumes;
    private final PodNames names;
    private final ScriptPod scripts;

    /** A pod whose process was started. */
    private static final class RunningPod {
        final String name;
        final Tree pod;
        final Map<String, Path> mounts;
        final String address;
        final String program;
        final List<String> arguments;
        final Path log;
        Child process;
        long killAtNanos;
        boolean ready;
        boolean told;
        boolean over;

        RunningPod(Tree pod, Map<String, Path> mounts, String address, String program, List<String> arguments,
                Path log, Child process) {
            this.name = pod.at("metadata", "name").text();
            this.pod = pod;
            this.mounts = mounts;
            this.address = address;
            this.program = program;
            this.arguments = arguments;
            this.log = log;
            this.process = process;
        }
    }

    PodRunner(KubeApi api, String namespace, Path folder) throws IOException {
        this.volumes = new PodVolumes(api, namespace, folder.resolve("volumes"));
        this.names = new PodNames(folder.resolve("names"), namespace);
        this.scripts = new ScriptPod(api, namespace, folder.resolve("barn"));
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
        List<PodNames.Entry> entries;
        synchronized (running) {
            entries = running.values().stream().filter(pod -> pod.killAtNanos == 0)
                    .map(pod -> new PodNames.Entry(pod.name, pod.pod.at("spec", "subdomain").text(),
                            pod.pod.at("metadata", "labels").texts(), pod.address, pod.ready))
                    .toList();
        }
        names.write(api.list("/api/v1/namespaces/" + namespace + "/services", ""), entries);
    }

    private void look(Tree pod) throws KubeException, IOException, InterruptedException {
        String name = pod.at("metadata", "name").text();
        RunningPod mine;
        synchronized (running) {
            mine = running.get(pod.at("metadata", "uid").text());
        }
        boolean leaving = pod.at("metadata", "deletionTimestamp").exists();
        if (program(pod).equals("operator")) {
            // The one under test is a process of the test's own; the chart's stays unscheduled.
            return;
        }
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

    private static String program(Tree pod) {
        return pod.at("spec", "containers").items().getFirst().at("name").text();
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
        String program = program(pod);
        String address = "127.77." + (addresses / 250 + 1) + "." + (addresses % 250 + 1);
        addresses++;
        Optional<Map<String, Path>> mounts = volumes.of(pod, container);
        if (mounts.isEmpty()) {
            return;
        }
        List<String> arguments = program.equals("zookeeper")
                ? zooKeeper(mounts.get(), name, address)
                : arguments(container, program, name, address, mounts.get());
        Path log = folder.resolve("logs").resolve(name + ".log");
        RunningPod mine = new RunningPod(pod, mounts.get(), address, program, arguments, log, ScriptPod.is(pod)
                ? scripts.start(container, names.environment(), log)
                : run(program, arguments, log));
        synchronized (running) {
            running.put(pod.at("metadata", "uid").text(), mine);
        }
        tell(mine, "Running", false);
    }

    private Child run(String program, List<String> arguments, Path log) throws IOException {
        return Child.java(java.util.Objects.requireNonNull(PROGRAMS.get(program)), 256, arguments,
                names.environment(), log);
    }

    /** What the container's script does before it starts the server. */
    private static List<String> zooKeeper(Map<String, Path> mounts, String name, String address) throws IOException {
        Path data = java.util.Objects.requireNonNull(mounts.get("/data"));
        Files.writeString(data.resolve("myid"),
                Integer.toString(Integer.parseInt(name.substring(name.lastIndexOf('-') + 1)) + 1));
        String config = Files.readString(java.util.Objects.requireNonNull(mounts.get("/config")).resolve("zoo.cfg"));
        // Pods have all addresses to themselves; processes have one.
        return List.of(Files.writeString(data.resolve("zoo.cfg"), config.replace("dataDir=/data", "dataDir=" + data)
                .replace("quorumListenOnAllIPs=true\n", "") + "clientPortAddress=" + address + "\n").toString());
    }

    /** As the container's are, with this machine's addresses and folders. */
    private static List<String> arguments(Tree container, String program, String name, String address,
            Map<String, Path> mounts) {
        List<String> arguments = new ArrayList<>();
        for (Tree argument : container.at("args").items()) {
            String text = argument.text().replace("$(POD_NAME)", name).replace("$(POD_IP)", address);
            for (Map.Entry<String, Path> mount : mounts.entrySet()) {
                // Models of tests lie in this machine's own folder of that name.
                if (!mount.getKey().equals("/tmp") && text.matches("@?" + mount.getKey() + "(/.*)?")) {
                    text = text.replaceFirst(mount.getKey(), mount.getValue().toString());
                    break;
                }
            }
            arguments.add(text.equals("0.0.0.0") ? address : text);
        }
        if (program.equals("worker")) {
            arguments.removeFirst();
        }
        return arguments;
    }

    private void watch(RunningPod pod) throws KubeException, IOException, InterruptedException {
        if (ScriptPod.is(pod.pod)) {
            if (!pod.process.isAlive() && !pod.over) {
                tell(pod, pod.process.awaitExit(0) == 0 ? "Succeeded" : "Failed", false);
                pod.over = true;
            }
            return;
        }
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

    /** What lies in a folder of a pod that runs now. */
    Path folder(String podPrefix, String mountPath) {
        synchronized (running) {
            return running.values().stream().filter(one -> one.name.startsWith(podPrefix) && one.killAtNanos == 0)
                    .map(one -> one.mounts.get(mountPath)).findFirst().orElseThrow();
        }
    }

    /** What pods have put onto a volume that outlives them. */
    Path volume(String claim) {
        return volumes.ofClaim(claim);
    }

    /** From now on scripts say otherwise what is called otherwise here. */
    void replaceInScripts(Map<String, String> words) {
        scripts.replace(words);
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

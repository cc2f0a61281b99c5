package org.barnraiser.helm.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.images.Dockerfile.Instruction;

/**
 * A target's instructions as a shell script, which a container engine would execute one after the other: on a root of its own that a small
 * Debian lies under, with the programs as the user that they name. Then its container runs with that root read-only until it is ended.
 */
final class ImageSteps {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SPACE = Pattern.compile("\\s+");
    /** Where the base image has its Java. */
    private static final String JAVA = "/opt/java/openjdk";
    static final String HEALTHY = "The health check passes.";

    private final List<String> script = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String folder = "/";
    private String user = "0:0";
    private List<String> entryPoint = List.of();
    private List<String> health = List.of();

    /**
     * Prepares the script.
     *
     * @param base a folder with the small Debian
     * @param work an empty folder
     */
    ImageSteps(Path base, Path work) {
        environment.put("PATH", JAVA + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("JAVA_HOME", JAVA);
        environment.put("LANG", "C.UTF-8");
        script.addAll(List.of("set -eu", "base=" + quoted(base.toString()), "work=" + quoted(work.toString()),
                "mount -t tmpfs tmpfs \"$work\"", "mkdir \"$work/upper\" \"$work/inner\" \"$work/root\"",
                "root=$work/root",
                "mount -t overlay overlay -o \"lowerdir=$base,upperdir=$work/upper,workdir=$work/inner\" \"$root\"",
                "mount --bind /dev \"$root/dev\"", "mount -t proc proc \"$root/proc\"",
                "mkdir -p \"$root" + JAVA + "\"",
                "mount --bind " + quoted(System.getProperty("java.home")) + " \"$root" + JAVA + "\"",
                "cp -L /etc/resolv.conf \"$root/etc/resolv.conf\""));
    }

    /** All instructions of a target, those of the stages that it builds on included. */
    void build(String target) throws IOException {
        Dockerfile file = Dockerfile.read(SourceTree.path("Dockerfile"));
        for (Instruction line : file.allInstructions(file.stage(target).orElseThrow())) {
            script.add("echo " + quoted("Step " + line.line() + ": " + line.keyword() + " " + line.arguments()));
            apply(line);
        }
    }

    private void apply(Instruction line) throws IOException {
        String rest = line.arguments();
        switch (line.keyword()) {
            case "COPY" -> copy(SPACE.splitAsStream(rest).toList());
            case "RUN" -> script.add(inside(List.of("/bin/sh", "-c", rest)));
            case "ENV" -> SPACE.splitAsStream(rest).forEach(pair -> environment.put(
                    pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1)));
            case "WORKDIR" -> {
                folder = rest;
                script.add("mkdir -p \"$root\"" + quoted(folder));
            }
            case "USER" -> user = rest;
            case "ENTRYPOINT" -> entryPoint = list(rest);
            case "HEALTHCHECK" -> health = list(rest.substring(rest.indexOf("CMD") + 3).strip());
            case "CMD", "EXPOSE" -> {
                // What a container is given anyway, and a remark.
            }
            default -> throw new IllegalArgumentException(line.keyword() + " is not known here");
        }
    }

    private static List<String> list(String json) throws IOException {
        return JSON.readTree(json).valueStream().map(JsonNode::asText).toList();
    }

    /** Of a base image that is not Java's: what it holds at some place. */
    void lay(Path from, String place) {
        script.add("cp -RL --no-preserve=ownership " + quoted(from.toString()) + " \"$root\"" + quoted(place));
    }

    private void copy(List<String> arguments) {
        if (arguments.getFirst().equals("--from=java")) {
            // It is there: every base here has Java.
            return;
        }
        boolean built = arguments.getFirst().equals("--from=build");
        List<String> paths = arguments.stream().filter(argument -> !argument.startsWith("--")).toList();
        String to = "\"$root\"" + quoted(paths.getLast());
        script.add("mkdir -p " + (paths.getLast().endsWith("/") ? to : "\"$(dirname " + to + ")\""));
        for (String path : paths.subList(0, paths.size() - 1)) {
            String from = quoted(SourceTree.path(".").toString()) + "/"
                    + (built ? path.substring("/src/".length()) : path);
            // Of a folder it is the content that is copied; unquoted, as names may have a star.
            script.add("for from in " + from + "; do if [ -d \"$from\" ]; then mkdir -p " + to
                    + "; cp -R --no-preserve=ownership \"$from/.\" " + to
                    + "; else cp --no-preserve=ownership \"$from\" " + to + "; fi; done");
        }
    }

    /** A command that runs in the image, with its environment alone. */
    private String inside(List<String> command) {
        List<String> words = new ArrayList<>(List.of("env", "-i"));
        environment.forEach((name, value) -> words.add(quoted(name + "=" + value)));
        words.addAll(List.of("/usr/sbin/chroot", "--userspec=" + user, "\"$root\"", "/bin/sh", "-c",
                quoted("cd \"$0\" && exec \"$@\""), quoted(folder)));
        command.forEach(word -> words.add(quoted(word)));
        return String.join(" ", words);
    }

    /** Puts a file where its container sees it, and names it in a variable. */
    void show(String variable, Path file) {
        String name = "/" + file.getFileName();
        script.add("cp " + quoted(file.toString()) + " \"$root\"" + quoted(name));
        script.add("chmod 644 \"$root\"" + quoted(name));
        environment.put(variable, name);
    }

    /**
     * Runs its container: with its root read-only, but for {@code /data} and {@code /tmp}, and until its health check passes and standard input
     * ends.
     *
     * @param addresses of this machine instead of the container's
     */
    String run(List<String> arguments, UnaryOperator<String> addresses) {
        script.addAll(List.of("mount -t tmpfs -o uid=1000,gid=1000 tmpfs \"$root/data\"",
                "mount -t tmpfs tmpfs \"$root/tmp\"", "mount -o remount,ro \"$root\"",
                "echo 'Its container starts.'"));
        List<String> command = new ArrayList<>(entryPoint);
        arguments.forEach(argument -> command.add(addresses.apply(argument)));
        script.add(inside(command) + " &");
        script.add("main=$!");
        script.add("trap 'kill \"$main\" 2>/dev/null; sleep 1; kill -9 \"$main\" 2>/dev/null; wait' EXIT");
        script.add("until " + inside(health.stream().map(addresses).toList())
                + "; do kill -0 \"$main\" || { echo 'It has ended.'; exit 1; }; sleep 1; done");
        script.add("echo '" + HEALTHY + "'");
        script.add("read -r _ || true");
        return String.join("\n", script) + "\n";
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}

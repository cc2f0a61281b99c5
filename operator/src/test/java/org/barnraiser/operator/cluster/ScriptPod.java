package org.barnraiser.operator.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;

/** Pods that run a script of the coordinator's image to its end, such as the chart's own test. */
final class ScriptPod {
    private final KubeApi api;
    private final String namespace;
    private final Path folder;
    /** What is called otherwise on this machine, such as a Service that no pod stands behind. */
    private volatile Map<String, String> elsewhere = Map.of();

    /** @param folder that plays {@code /barn} */
    ScriptPod(KubeApi api, String namespace, Path folder) throws IOException {
        this.api = api;
        this.namespace = namespace;
        this.folder = Files.createDirectories(folder);
        Files.copy(Path.of("../helm/images/health"), folder.resolve("health"));
        Files.writeString(folder.resolve("barn"), """
                                                  #!/bin/sh
                                                  exec '%s' -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
                                                      -cp '%s' org.barnraiser.coordinator.cli.Barn "$@"
                                                  """.formatted(Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path")));
        for (String program : List.of("health", "barn")) {
            Files.setPosixFilePermissions(folder.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Whether this pod is one. */
    static boolean is(Tree pod) {
        return pod.at("spec", "restartPolicy").text().equals("Never");
    }

    /** From now on these words of scripts are replaced. */
    void replace(Map<String, String> words) {
        elsewhere = Map.copyOf(words);
    }

    Child start(Tree container, Map<String, String> names, Path log) throws KubeException, IOException {
        List<String> command = new ArrayList<>();
        for (Tree word : container.at("command").items()) {
            String text = word.text().replace("/barn/", folder + "/");
            for (Map.Entry<String, String> other : elsewhere.entrySet()) {
                text = text.replace(other.getKey(), other.getValue());
            }
            command.add(text);
        }
        Map<String, String> environment = new HashMap<>(names);
        for (Tree variable : container.at("env").items()) {
            environment.put(variable.at("name").text(), value(variable));
        }
        return Child.program(command, environment, log);
    }

    private String value(Tree variable) throws KubeException {
        Tree reference = variable.at("valueFrom", "secretKeyRef");
        if (!reference.exists()) {
            return variable.at("value").text();
        }
        Tree secret = api.get("/api/v1/namespaces/" + namespace + "/secrets/" + reference.at("name").text())
                .orElseThrow();
        return new String(Base64.getDecoder().decode(secret.at("data", reference.at("key").text()).text()),
                StandardCharsets.UTF_8);
    }
}

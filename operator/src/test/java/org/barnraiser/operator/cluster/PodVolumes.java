package org.barnraiser.operator.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;

/** What a container finds where its volumes are mounted, as folders and files of this machine: claims, Secrets, ConfigMaps and empty folders. */
final class PodVolumes {
    private final KubeApi api;
    private final String namespace;
    private final Path folder;

    PodVolumes(KubeApi api, String namespace, Path folder) {
        this.api = api;
        this.namespace = namespace;
        this.folder = folder;
    }

    /** What outlives pods. */
    Path ofClaim(String claim) {
        return folder.resolve(claim);
    }

    /** By the path in the container; empty while something is not there. */
    Optional<Map<String, Path>> of(Tree pod, Tree container) throws KubeException, IOException {
        Map<String, Path> mounts = new HashMap<>();
        for (Tree mount : container.at("volumeMounts").items()) {
            Optional<Path> here = lay(pod, mount);
            if (here.isEmpty()) {
                return Optional.empty();
            }
            mounts.put(mount.at("mountPath").text(), here.get());
        }
        return Optional.of(mounts);
    }

    private Optional<Path> lay(Tree pod, Tree mount) throws KubeException, IOException {
        String name = mount.at("name").text();
        Tree volume = pod.at("spec", "volumes").items().stream().filter(one -> one.at("name").text().equals(name))
                .findFirst().orElseThrow();
        Path own = folder.resolve(pod.at("metadata", "uid").text()).resolve(name);
        if (volume.at("persistentVolumeClaim").exists()) {
            return Optional
                    .of(Files.createDirectories(ofClaim(volume.at("persistentVolumeClaim", "claimName").text())));
        }
        if (volume.at("emptyDir").exists()) {
            return Optional.of(Files.createDirectories(own));
        }
        Optional<Map<String, byte[]>> content = volume.at("secret").exists()
                ? content("secrets", volume.at("secret", "secretName").text())
                : content("configmaps", volume.at("configMap", "name").text());
        if (content.isEmpty()) {
            return Optional.empty();
        }
        String only = mount.at("subPathExpr").text().replace("$(POD_NAME)", pod.at("metadata", "name").text());
        Files.createDirectories(own);
        for (Map.Entry<String, byte[]> file : content.get().entrySet()) {
            if (only.isEmpty() || only.equals(file.getKey())) {
                Files.write(own.resolve(file.getKey()), file.getValue());
            }
        }
        Path there = own.resolve(only);
        return Files.exists(there) ? Optional.of(there) : Optional.empty();
    }

    private Optional<Map<String, byte[]>> content(String plural, String name) throws KubeException {
        return api.get("/api/v1/namespaces/" + namespace + "/" + plural + "/" + name).map(object -> {
            Map<String, byte[]> content = new HashMap<>();
            object.at("data").texts().forEach((key, value) -> content.put(key, plural.equals("secrets")
                    ? Base64.getDecoder().decode(value)
                    : value.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            return content;
        });
    }
}

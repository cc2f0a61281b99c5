package org.barnraiser.operator.cluster;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The chart of this repository, as Helm itself installs it. */
final class Chart {
    private static final int TEST_SECONDS = 110;

    private final Path kubeconfig;

    Chart(Path kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    /** {@code helm install barnraiser}, with a cluster called town of this spec. */
    void install(String spec, Path folder) throws IOException {
        Path values = Files.writeString(folder.resolve("values.yaml"),
                "cluster: {\"create\": true, \"name\": \"town\", \"spec\": " + spec + "}\n");
        new Helm(Path.of("../helm/barnraiser")).install().withName("barnraiser").withNamespace("default")
                .withKubeConfig(kubeconfig).withValuesFile(values).call();
    }

    /** {@code helm test barnraiser}; fails when its pod does. */
    void test() {
        var _ = Helm.test("barnraiser").withNamespace("default").withKubeConfig(kubeconfig).withTimeout(TEST_SECONDS)
                .call();
    }
}

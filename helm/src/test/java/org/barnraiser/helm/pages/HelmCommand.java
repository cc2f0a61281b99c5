package org.barnraiser.helm.pages;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.UpgradeCommand;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.helm.SourceTree;

/** A helm command line, done by Helm's own library; refuses what it does not know. */
final class HelmCommand {
    private final Path kubeconfig;

    HelmCommand(Path kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    /** @param words after {@code helm} */
    void run(List<String> words) {
        switch (words.getFirst()) {
            case "install" -> install(words.get(1), words.get(2), options(words.subList(3, words.size())));
            case "upgrade" -> upgrade(words.get(1), words.get(2), options(words.subList(3, words.size())));
            case "uninstall" -> Helm.uninstall(words.get(1)).withKubeConfig(kubeconfig)
                    .withNamespace(options(words.subList(2, words.size())).get("--namespace")).call();
            default -> throw new IllegalArgumentException("helm " + words.getFirst() + " is not known here");
        }
    }

    private void install(String name, String chart, Map<String, String> options) {
        InstallCommand install = new Helm(SourceTree.path(chart)).install().withName(name).withKubeConfig(kubeconfig);
        options.forEach((option, value) -> {
            switch (option) {
                case "--namespace" -> install.withNamespace(value);
                case "--create-namespace" -> install.createNamespace();
                case "--values" -> install.withValuesFile(SourceTree.path(value));
                case "--set" -> install.set(key(value), value(value));
                default -> throw new IllegalArgumentException("helm install " + option + " is not known here");
            }
        });
        install.call();
    }

    private void upgrade(String name, String chart, Map<String, String> options) {
        UpgradeCommand upgrade = new Helm(SourceTree.path(chart)).upgrade().withName(name).withKubeConfig(kubeconfig);
        options.forEach((option, value) -> {
            switch (option) {
                case "--namespace" -> upgrade.withNamespace(value);
                case "--reset-then-reuse-values" -> upgrade.resetThenReuseValues();
                case "--set" -> upgrade.set(key(value), value(value));
                default -> throw new IllegalArgumentException("helm upgrade " + option + " is not known here");
            }
        });
        upgrade.call();
    }

    private static Map<String, String> options(List<String> words) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < words.size(); i++) {
            boolean alone = i + 1 == words.size() || words.get(i + 1).startsWith("--");
            options.put(words.get(i), alone ? "" : words.get(++i));
        }
        return options;
    }

    private static String key(String assignment) {
        return assignment.substring(0, assignment.indexOf('='));
    }

    private static String value(String assignment) {
        return assignment.substring(assignment.indexOf('=') + 1);
    }
}

package org.barnraiser.worker.service;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What looks after services on a machine, and for whom: for one user, or for the machine whoever is logged in. */
public enum ServiceKind {
    SYSTEMD_USER, SYSTEMD_MACHINE, LAUNCHD_USER, LAUNCHD_MACHINE;

    /**
     * The one for whoever asks; empty where neither is there, as on Windows or in a WSL without systemd.
     *
     * @param osName as Java calls it
     * @param systemd whether systemd runs this machine
     */
    public static Optional<ServiceKind> of(String osName, boolean root, boolean systemd) {
        String system = osName.toLowerCase(Locale.ROOT);
        if (system.startsWith("mac")) {
            return Optional.of(root ? LAUNCHD_MACHINE : LAUNCHD_USER);
        }
        return system.startsWith("linux") && systemd
                ? Optional.of(root ? SYSTEMD_MACHINE : SYSTEMD_USER)
                : Optional.empty();
    }

    /** Where its file lies. */
    public Path file(Path home, String worker) {
        return switch (this) {
            case SYSTEMD_USER -> home.resolve(".config/systemd/user").resolve(unit(worker));
            case SYSTEMD_MACHINE -> Path.of("/etc/systemd/system").resolve(unit(worker));
            case LAUNCHD_USER -> home.resolve("Library/LaunchAgents").resolve(label(worker) + ".plist");
            case LAUNCHD_MACHINE -> Path.of("/Library/LaunchDaemons").resolve(label(worker) + ".plist");
        };
    }

    /** What is written there. */
    String text(Service service) {
        return switch (this) {
            case SYSTEMD_USER -> SystemdUnit.text(service, "default.target");
            case SYSTEMD_MACHINE -> SystemdUnit.text(service, "multi-user.target");
            case LAUNCHD_USER, LAUNCHD_MACHINE -> LaunchdPlist.text(service, label(service.worker()));
        };
    }

    /** To be run in this order once the file is there. */
    ImmutableList<List<String>> starting(Path file, String worker, String userId) {
        return switch (this) {
            case SYSTEMD_USER, SYSTEMD_MACHINE -> ImmutableList.of(systemctl("daemon-reload"),
                    systemctl("enable", unit(worker)), systemctl("restart", unit(worker)));
            case LAUNCHD_USER, LAUNCHD_MACHINE -> ImmutableList.of(
                    List.of("launchctl", "bootstrap", domain(userId), file.toString()));
        };
    }

    /** To be run before the file goes; stops the worker, which hands its layers over first. */
    ImmutableList<List<String>> stopping(String worker, String userId) {
        return switch (this) {
            case SYSTEMD_USER, SYSTEMD_MACHINE -> ImmutableList.of(systemctl("disable", "--now", unit(worker)));
            case LAUNCHD_USER, LAUNCHD_MACHINE -> ImmutableList.of(
                    List.of("launchctl", "bootout", domain(userId) + "/" + label(worker)));
        };
    }

    /** What the user should know besides; empty when there is nothing. */
    public String hint() {
        return this == SYSTEMD_USER
                ? "It runs while you are logged in; 'loginctl enable-linger' lets it run always."
                : "";
    }

    private List<String> systemctl(String... words) {
        ImmutableList.Builder<String> command = ImmutableList.<String>builder().add("systemctl");
        if (this == SYSTEMD_USER) {
            command.add("--user");
        }
        return command.add(words).build();
    }

    private String domain(String userId) {
        return this == LAUNCHD_USER ? "gui/" + userId : "system";
    }

    private static String unit(String worker) {
        return "barnraiser-worker-" + worker + ".service";
    }

    private static String label(String worker) {
        return "org.barnraiser.worker." + worker;
    }
}

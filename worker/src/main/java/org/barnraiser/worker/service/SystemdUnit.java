package org.barnraiser.worker.service;

import java.util.stream.Collectors;

/** The text of a systemd unit. */
final class SystemdUnit {
    private SystemdUnit() {}

    /** @param wantedBy {@code default.target} for a user's unit, {@code multi-user.target} for the machine's */
    static String text(Service service, String wantedBy) {
        return """
               [Unit]
               Description=Barnraiser worker %s, which lends this machine to a cluster
               Wants=network-online.target
               After=network-online.target

               [Service]
               ExecStart=%s
               Environment=%s
               Restart=on-failure
               RestartSec=5
               # It first hands its layers over to other machines.
               TimeoutStopSec=60
               KillMode=mixed
               # Memory holds what readers wrote.
               LimitCORE=0
               NoNewPrivileges=yes
               Nice=5

               [Install]
               WantedBy=%s
               """.formatted(service.worker(),
                service.command().stream().map(SystemdUnit::quoted).collect(Collectors.joining(" ")),
                quoted("JAVA_HOME=" + service.javaHome()).replace("$$", "$"), wantedBy);
    }

    /** One word of a command line, in which percent signs and dollars would mean something else. */
    private static String quoted(String word) {
        return '"' + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%").replace("$", "$$") + '"';
    }
}

package org.barnraiser.coordinator.doctor;

import java.util.List;

/** The Java that Barnraiser runs with. */
final class JdkCheck implements Check {
    private static final int WANTED = 25;

    private final Runtime.Version version;

    JdkCheck(Runtime.Version version) {
        this.version = version;
    }

    @Override
    public String subject() {
        return "JDK";
    }

    @Override
    public List<Finding> findings() {
        String found = "Java " + version + " at " + System.getProperty("java.home") + " is used";
        return List.of(version.feature() >= WANTED
                ? Finding.ok(subject(), found + ".")
                : Finding.broken(subject(), found + ", but " + WANTED + " is needed.",
                        "Install a JDK " + WANTED + ", for example Temurin, or set JAVA_HOME to one."));
    }
}

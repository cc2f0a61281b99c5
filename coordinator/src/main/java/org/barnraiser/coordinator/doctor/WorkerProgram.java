package org.barnraiser.coordinator.doctor;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * The worker's program on this machine, parts of which are tried in processes of their own.
 *
 * @param java to run it with
 * @param classpath empty when it is not known
 */
record WorkerProgram(String java, String classpath) {
    boolean isKnown() {
        return !classpath.isEmpty();
    }

    /** What to run; a process that llama.cpp takes down leaves neither a core nor a report. */
    List<String> command(String main, List<String> arguments) {
        return ImmutableList.<String>builder()
                .add(java, "--enable-native-access=ALL-UNNAMED", "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/null", "-XX:+UseSerialGC", "-Xmx128m", "-cp", classpath, main)
                .addAll(arguments).build();
    }
}

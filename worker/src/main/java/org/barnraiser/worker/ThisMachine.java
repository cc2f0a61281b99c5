package org.barnraiser.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.barnraiser.worker.service.Installation;
import org.barnraiser.worker.service.ServiceKind;

/**
 * The machine that this program runs on, where services can be had.
 *
 * @param kind of services, for this user
 */
record ThisMachine(ServiceKind kind, Installation installation) {
    /** Longer than a worker takes to leave. */
    private static final long COMMAND_SECONDS = 120;

    /** Empty where neither systemd nor launchd looks after services. */
    static Optional<ThisMachine> withServices() throws IOException, InterruptedException {
        String user = userId();
        Path home = Path.of(System.getProperty("user.home"));
        return ServiceKind.of(System.getProperty("os.name"), user.equals("0"),
                Files.isDirectory(Path.of("/run/systemd/system")))
                .map(kind -> new ThisMachine(kind, new Installation(kind, home, user, ThisMachine::run)));
    }

    /** The script that starts everything, as it has told. */
    static Path barn() {
        return Path.of(System.getProperty("barn.home", ".")).toAbsolutePath().normalize().resolve("barn");
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("'" + String.join(" ", command) + "' does not end");
        }
        return process.exitValue();
    }

    /** As launchd wants it; "0" is the machine's owner. */
    private static String userId() throws IOException, InterruptedException {
        if (System.getProperty("os.name").startsWith("Windows")) {
            return "";
        }
        Process id = new ProcessBuilder("id", "-u").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        id.waitFor();
        return said.strip();
    }
}

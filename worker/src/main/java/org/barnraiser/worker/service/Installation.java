package org.barnraiser.worker.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Puts services in place and takes them away. Every method blocks, up to the minute in which a worker leaves. */
public final class Installation {
    private final ServiceKind kind;
    private final Path home;
    private final String userId;
    private final Commands commands;

    /** Runs programs of the system. */
    public interface Commands {
        /** The exit status; blocks. */
        int run(List<String> command) throws IOException, InterruptedException;
    }

    /**
     * For one machine and user.
     *
     * @param home the user's folder
     * @param userId a number, as launchd wants it
     */
    public Installation(ServiceKind kind, Path home, String userId, Commands commands) {
        this.kind = kind;
        this.home = home;
        this.userId = userId;
        this.commands = commands;
    }

    /** Where the service's file is, or would be. */
    public Path file(String worker) {
        return kind.file(home, worker);
    }

    /** Writes the file, in place of an older one, and starts the service. */
    public void install(Service service) throws IOException, InterruptedException {
        Path file = file(service.worker());
        Files.createDirectories(file.getParent());
        Path written = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), kind.text(service),
                StandardCharsets.UTF_8);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        for (List<String> command : kind.starting(file, service.worker(), userId)) {
            int status = commands.run(command);
            if (status != 0) {
                throw new IOException("'" + String.join(" ", command) + "' ended with status " + status
                        + "; the service's file is " + file);
            }
        }
    }

    /** Stops the service and takes its file away; false when there was none. */
    public boolean remove(String worker) throws IOException, InterruptedException {
        Path file = file(worker);
        if (!Files.exists(file)) {
            return false;
        }
        for (List<String> command : kind.stopping(worker, userId)) {
            // A service that does not run cannot be stopped, and is to go all the same.
            int _ = commands.run(command);
        }
        Files.delete(file);
        return true;
    }
}

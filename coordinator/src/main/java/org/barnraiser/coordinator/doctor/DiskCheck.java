package org.barnraiser.coordinator.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the data folder can be written, and has room for shards. */
final class DiskCheck implements Check {
    private static final long NEEDED = Sizes.GIB;
    private static final long COMFORTABLE = 10 * Sizes.GIB;

    private final Path data;

    DiskCheck(Path data) {
        this.data = data.toAbsolutePath().normalize();
    }

    @Override
    public String subject() {
        return "disk";
    }

    @Override
    public List<Finding> findings() {
        Path there = nearest(data);
        try {
            if (!Files.isDirectory(there)) {
                return List.of(unusable(there + " is a file, not a folder"));
            }
            Files.delete(Files.createTempFile(there, "barn-doctor-", ".tmp"));
            return List.of(room(Files.getFileStore(there).getUsableSpace(), there.equals(data)));
        } catch (IOException e) {
            return List.of(unusable("nothing can be written to " + there + " (" + e.getClass().getSimpleName() + ": "
                    + e.getMessage() + ")"));
        }
    }

    private Finding room(long freeBytes, boolean exists) {
        String found = "The data folder " + data + (exists ? " can be written" : " can be made") + " and has "
                + Sizes.of(freeBytes) + " free";
        String advice = "Make room, or choose a folder on another disk with --data or BARN_DATA: a worker keeps its"
                + " layers there.";
        if (freeBytes < NEEDED) {
            return Finding.broken(subject(), found + ", which is too little.", advice);
        }
        return freeBytes < COMFORTABLE
                ? Finding.warning(subject(), found + ", which is little for a large model.", advice)
                : Finding.ok(subject(), found + ".");
    }

    private Finding unusable(String reason) {
        return Finding.broken(subject(), "The data folder " + data + " cannot be used: " + reason + ".",
                "Choose a folder that you may write to with --data or BARN_DATA.");
    }

    private static Path nearest(Path path) {
        Path folder = path;
        while (!Files.exists(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        return folder;
    }
}

package org.barnraiser.worker.measure;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.util.stream.Collectors.joining;

/**
 * How fast a llama.cpp is here, and the disk with the data folder, measured once for each library, number of threads and set of devices, and kept in a folder that all
 * workers of a machine share: they measure one after the other.
 */
public final class KnownSpeed {
    private static final Logger LOG = LoggerFactory.getLogger(KnownSpeed.class);

    private final Path folder;

    /** @param folder is made when it is not there */
    public KnownSpeed(Path folder) {
        this.folder = folder;
    }

    /** What was measured before, else now, which blocks for about a second; empty when it cannot be measured, which is logged. */
    public Optional<SpeedRecord> of(LlamaLibrary library, int threads, int gpuLayers, Devices devices) {
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE); FileLock _ = channel.lock()) {
                Path kept = folder.resolve(key(library, threads, gpuLayers, devices) + ".json");
                Optional<SpeedRecord> known = read(kept);
                if (known.isPresent() && known.get().getDiskWriteBytesPerSecond() > 0) {
                    return known;
                }
                SpeedRecord computing = known.isPresent()
                        ? known.get()
                        : MachineSpeed.measure(library, threads, gpuLayers, devices, folder);
                DiskSpeed disk = DiskSpeed.measure(folder);
                SpeedRecord measured = computing.toBuilder().setDiskBytesPerSecond(disk.readBytesPerSecond())
                        .setDiskWriteBytesPerSecond(disk.writeBytesPerSecond()).build();
                write(kept, measured);
                return Optional.of(measured);
            }
        } catch (IOException | LlamaException e) {
            LOG.warn("This machine's speed could not be measured, so plans go by its memory alone: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static String key(LlamaLibrary library, int threads, int gpuLayers, Devices computed) {
        String devices = computed.now().stream().map(device -> device.name() + device.description())
                .collect(joining(","));
        return "speed-" + Integer.toHexString((library.build() + devices).hashCode()) + "-" + threads + "-" + gpuLayers;
    }

    private static Optional<SpeedRecord> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            SpeedRecord.Builder record = SpeedRecord.newBuilder();
            JsonFormat.parser().ignoringUnknownFields().merge(Files.readString(file), record);
            boolean sound = record.getDecodeBytesPerSecond() > 0 && record.getPrefillOperationsPerSecond() > 0;
            return sound ? Optional.of(record.build()) : Optional.empty();
        } catch (InvalidProtocolBufferException _) {
            // Measured again, and written anew.
            return Optional.empty();
        }
    }

    private static void write(Path file, SpeedRecord speed) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(unfinished, JsonFormat.printer().print(speed));
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

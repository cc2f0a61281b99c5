package org.barnraiser.worker.node;

import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.worker.llama.Device;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaLibrary;

/** What a worker's record says of its llama.cpp. */
public final class EngineDescription {
    private EngineDescription() {}

    /** A record with the engine and the devices that it computes on, as of now, and nothing else. */
    public static WorkerRecord.Builder of(LlamaLibrary library, Devices devices) {
        var record = WorkerRecord.newBuilder().setEngine(EngineRecord.newBuilder()
                .setLibraryPath(library.path().toString()).setBuild(library.build()).setAbi(abi(library))
                .addAllBackends(library.backends()));
        for (Device device : devices.now()) {
            record.addDevices(DeviceRecord.newBuilder().setName(device.name()).setKind(kind(device))
                    .setTotalMemoryBytes(device.totalBytes()).setFreeMemoryBytes(device.freeBytes())
                    .setDescription(device.description()));
        }
        return record;
    }

    private static EngineAbi abi(LlamaLibrary library) {
        return switch (library.abi()) {
            case B4916 -> EngineAbi.ENGINE_ABI_B4916;
            case V0_5 -> EngineAbi.ENGINE_ABI_V0_5;
        };
    }

    private static String kind(Device device) {
        return switch (device.kind()) {
            case CPU -> "CPU";
            case GPU -> "GPU";
            case ACCELERATOR -> "ACCEL";
        };
    }
}

package org.barnraiser.worker.engine;

import java.util.List;
import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.WorkerRecord;

/** What came of opening a llama.cpp. */
sealed interface TriedEngine {
    EngineLocation location();

    /** @param record with the engine and the devices that it sees */
    record Usable(EngineLocation location, WorkerRecord record) implements TriedEngine {
        String build() {
            return record.getEngine().getBuild();
        }

        List<DeviceRecord> devices() {
            return record.getDevicesList();
        }

        List<DeviceRecord> gpus() {
            return devices().stream().filter(device -> device.getKind().equals("GPU")).toList();
        }

        /** As docs/architectures.md calls it. */
        String abi() {
            return switch (record.getEngine().getAbi()) {
                case ENGINE_ABI_B4916 -> "b4916";
                case ENGINE_ABI_V0_5 -> "v0.5";
                case ENGINE_ABI_UNKNOWN, UNRECOGNIZED -> "unknown";
            };
        }

        /** One sentence when a GPU's backend is there but not in use; else empty. */
        String note() {
            List<String> missing = location.folder().map(folder -> BackendFiles.notLoaded(folder,
                    record.getEngine().getBackendsList())).orElse(List.of());
            return missing.isEmpty()
                    ? ""
                    : "What it has for " + String.join(" and ", missing)
                            + " could not be loaded: a driver or a library that it needs is missing (see docs/engines.md).";
        }

        boolean isNewer() {
            return record.getEngine().getAbi() == EngineAbi.ENGINE_ABI_V0_5;
        }
    }

    /** @param problem one sentence */
    record Unusable(EngineLocation location, String problem) implements TriedEngine {}
}

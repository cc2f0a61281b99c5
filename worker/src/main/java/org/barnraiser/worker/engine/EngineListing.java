package org.barnraiser.worker.engine;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.worker.engine.TriedEngine.Unusable;
import org.barnraiser.worker.engine.TriedEngine.Usable;

/** What {@code barn engine list} prints. */
record EngineListing(List<TriedEngine> engines, EngineChoice choice) {
    private static final String INDENT = "    ";
    private static final double GIGABYTE = 1e9;

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (TriedEngine engine : engines) {
            lines.addAll(lines(engine, isChosen(engine)));
        }
        lines.add("");
        lines.add("* is what a worker takes that is started now. " + choice.reason());
        return lines;
    }

    static List<String> lines(TriedEngine engine, boolean chosen) {
        List<String> lines = new ArrayList<>();
        String mark = chosen ? "* " : "  ";
        String source = engine.location().source().toString();
        switch (engine) {
            case Usable usable -> {
                lines.add(mark + source + ": llama.cpp " + usable.build() + ", interface " + usable.abi()
                        + ", backends " + String.join(", ", usable.record().getEngine().getBackendsList()));
                lines.add(INDENT + engine.location());
                for (DeviceRecord device : usable.devices()) {
                    lines.add(INDENT + shown(device));
                }
                if (!usable.note().isEmpty()) {
                    lines.add(INDENT + usable.note());
                }
            }
            case Unusable(_, String problem) -> {
                lines.add(mark + source + ": cannot be used");
                lines.add(INDENT + engine.location());
                lines.add(INDENT + problem);
            }
        }
        return lines;
    }

    String json() {
        var all = new JsonArray();
        for (TriedEngine engine : engines) {
            var item = new JsonObject();
            item.addProperty("source", engine.location().source().toString());
            item.addProperty("folder", engine.location().folder().map(Object::toString).orElse(""));
            item.addProperty("chosen", isChosen(engine));
            item.addProperty("usable", engine instanceof Usable);
            switch (engine) {
                case Usable usable -> describe(usable, item);
                case Unusable(_, String problem) -> item.addProperty("problem", problem);
            }
            all.add(item);
        }
        var listing = new JsonObject();
        listing.add("engines", all);
        listing.addProperty("reason", choice.reason());
        return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(listing);
    }

    private static void describe(Usable engine, JsonObject item) {
        item.addProperty("build", engine.build());
        item.addProperty("abi", engine.abi());
        item.addProperty("note", engine.note());
        var backends = new JsonArray();
        engine.record().getEngine().getBackendsList().forEach(backends::add);
        item.add("backends", backends);
        var devices = new JsonArray();
        for (DeviceRecord record : engine.devices()) {
            var device = new JsonObject();
            device.addProperty("name", record.getName());
            device.addProperty("type", record.getKind());
            device.addProperty("description", record.getDescription());
            device.addProperty("totalBytes", record.getTotalMemoryBytes());
            device.addProperty("freeBytes", record.getFreeMemoryBytes());
            devices.add(device);
        }
        item.add("devices", devices);
    }

    private boolean isChosen(TriedEngine engine) {
        return engine.location().folder().equals(choice.folder());
    }

    private static String shown(DeviceRecord device) {
        String memory = device.getTotalMemoryBytes() == 0
                ? ""
                : String.format(Locale.ROOT, ", %.1f GB, %.1f GB free", device.getTotalMemoryBytes() / GIGABYTE,
                        device.getFreeMemoryBytes() / GIGABYTE);
        return device.getName() + ": " + device.getKind()
                + (device.getDescription().isEmpty() ? "" : ", " + device.getDescription()) + memory;
    }
}

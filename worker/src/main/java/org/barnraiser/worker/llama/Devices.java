package org.barnraiser.worker.llama;

import java.util.List;
import java.util.Optional;

import static java.util.stream.Collectors.joining;

/** What a worker computes on: all that its llama.cpp sees, or what its owner named. Safe for use by several threads. */
public final class Devices {
    private final LlamaLibrary library;
    private final List<String> names;

    private Devices(LlamaLibrary library, List<String> names) {
        this.library = library;
        this.names = List.copyOf(names);
    }

    /** All. */
    public static Devices all(LlamaLibrary library) {
        return new Devices(library, List.of());
    }

    /**
     * Those of these names, or all when there are none.
     *
     * @throws LibraryException naming what there is, when a name is not among it
     */
    public static Devices of(LlamaLibrary library, List<String> names) throws LibraryException {
        List<String> present = library.devices().stream().map(Device::name).toList();
        for (String name : names) {
            if (!present.contains(name)) {
                throw new LibraryException("--device " + name + " is not there: this llama.cpp (" + library.build()
                        + ") sees " + present.stream().collect(joining(", ")) + "; see './barn engine list'");
            }
        }
        return new Devices(library, names.stream().distinct().toList());
    }

    /** Those that are computed on, in the order of their names, with their memory as of now. */
    public List<Device> now() {
        List<Device> present = library.devices();
        return names.isEmpty()
                ? present
                : names.stream().flatMap(name -> present.stream().filter(device -> device.name().equals(name)))
                        .toList();
    }

    /** Those with layers and caches of their own, in the same order; without any, everything is on the CPU. */
    public List<Device> gpus() {
        return now().stream().filter(device -> device.kind() == Device.Kind.GPU).toList();
    }

    /** What {@link ModelOptions} takes: the GPUs, if some were named, as llama.cpp uses the CPU in any case. */
    public Optional<List<String>> chosen() {
        return names.isEmpty() ? Optional.empty() : Optional.of(gpus().stream().map(Device::name).toList());
    }
}

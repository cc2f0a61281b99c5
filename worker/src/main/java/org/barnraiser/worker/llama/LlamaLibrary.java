package org.barnraiser.worker.llama;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * One opened llama.cpp. It stays open for the life of the process, as its own threads do; opening the same one again gives the same
 * object. Safe for use by several threads.
 */
public final class LlamaLibrary {
    private static final Map<Optional<Path>, LlamaLibrary> OPENED = new HashMap<>();

    private final Path path;
    private final String build;
    private final AbiProbe probe;
    private final Abi abi;
    private final EngineLog log;
    private final LlamaFunctions llama;
    private final SamplerFunctions samplers;
    private final GgmlFunctions ggml;
    private final NativeFunctions functions;
    private final GgmlTypes types;

    private LlamaLibrary(LibraryFiles files, Optional<Path> directory) throws LibraryException {
        path = files.main();
        SymbolLookup symbols = files.open();
        NativeFunctions unstructured = new NativeFunctions(symbols, Map.of());
        log = new EngineLog();
        unstructured.bind(LogFunctions.class, "llama_").logSet(log.callback(), MemorySegment.NULL);
        if (directory.isPresent()) {
            loadBackends(unstructured, directory.get());
        }
        probe = AbiProbe.of(unstructured, Arena.global());
        AbiLayout layout = probe.recognize(directory.isPresent() ? path.toString() : "the bundled llama.cpp");
        functions = new NativeFunctions(symbols, AbiProbe.structs(layout));
        abi = Abi.bind(layout, functions);
        llama = functions.bind(LlamaFunctions.class, "llama_");
        samplers = functions.bind(SamplerFunctions.class, "llama_sampler_");
        ggml = functions.bind(GgmlFunctions.class, "ggml_");
        build = build(symbols, unstructured, layout);
        SamplerProbe.check(abi, samplers);
        llama.backendInit();
        types = new GgmlTypes(ggml, layout.ggmlTypeCount());
        if (ggml.backendDevCount() == 0) {
            throw new LibraryException("llama.cpp found nothing to compute on beside " + path
                    + "; its folder must hold at least one libggml-cpu");
        }
    }

    /**
     * Opens the llama.cpp in a folder (a build, a distribution's package, the official images' /app), or without one the b4916 that
     * comes along.
     */
    public static LlamaLibrary open(Optional<Path> directory) throws LibraryException {
        synchronized (OPENED) {
            Optional<Path> key = directory.isPresent() ? Optional.of(realPath(directory.get())) : Optional.empty();
            LlamaLibrary opened = OPENED.get(key);
            if (opened == null) {
                NativeHeap.share();
                LibraryFiles files = key.isPresent() ? LibraryFiles.in(key.get()) : LibraryFiles.bundled();
                opened = new LlamaLibrary(files, key);
                OPENED.put(key, opened);
            }
            return opened;
        }
    }

    /** Whether a folder holds a llama.cpp, by the names of its files. */
    public static boolean isIn(Path directory) {
        return LibraryFiles.isIn(directory);
    }

    public LlamaAbi abi() {
        return abi.layout().abi();
    }

    /** What the library says of its version, for people. */
    public String build() {
        return build;
    }

    /** The file that llama_* functions came from; of the bundled library, a temporary copy that is no longer there. */
    public Path path() {
        return path;
    }

    /** Processor features that llama.cpp uses, for people (llama_print_system_info). */
    public String systemInfo() {
        return NativeMemory.string(llama.printSystemInfo());
    }

    /** What ggml can compute on, with its memory as of now. */
    public List<Device> devices() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            MemorySegment total = arena.allocate(JAVA_LONG);
            List<Device> devices = new ArrayList<>();
            for (long index = 0; index < ggml.backendDevCount(); index++) {
                MemorySegment device = ggml.backendDevGet(index);
                ggml.backendDevMemory(device, free, total);
                devices.add(new Device(NativeMemory.string(ggml.backendDevName(device)),
                        NativeMemory.string(ggml.backendDevDescription(device)),
                        abi.deviceKind(ggml.backendDevType(device)), total.get(JAVA_LONG, 0), free.get(JAVA_LONG, 0)));
            }
            return List.copyOf(devices);
        }
    }

    /** The names of ggml's backends, such as CPU, CUDA or Vulkan, whether they found a device or not. */
    public List<String> backends() {
        return LongStream.range(0, ggml.backendRegCount())
                .mapToObj(index -> NativeMemory.string(ggml.backendRegName(ggml.backendRegGet(index)))).toList();
    }

    /** What llama.cpp takes as its devices: pointers to those with the names, ended by NULL. */
    MemorySegment deviceArray(List<String> names, Arena arena) throws ModelLoadException {
        MemorySegment array = arena.allocate(ADDRESS, names.size() + 1L);
        for (int i = 0; i < names.size(); i++) {
            MemorySegment device = ggml.backendDevByName(arena.allocateFrom(names.get(i)));
            if (NativeMemory.isNull(device)) {
                throw new ModelLoadException("llama.cpp sees no device " + names.get(i));
            }
            array.setAtIndex(ADDRESS, i, device);
        }
        return array;
    }

    /** ggml's tensor types. */
    public GgmlTypes types() {
        return types;
    }

    /** Loads a GGUF file (or the first of a split set) on the calling thread; takes as long as reading it does. */
    public LlamaModel loadModel(Path file, ModelOptions options) throws ModelLoadException {
        return LlamaModel.load(this, file, options);
    }

    Abi abiFunctions() {
        return abi;
    }

    AbiProbe probe() {
        return probe;
    }

    EngineLog log() {
        return log;
    }

    LlamaFunctions llama() {
        return llama;
    }

    SamplerFunctions samplers() {
        return samplers;
    }

    GgmlFunctions ggml() {
        return ggml;
    }

    NativeFunctions functions() {
        return functions;
    }

    /**
     * Backends are libraries of their own, beside libggml, or in a place that a distribution has compiled in; llama.cpp alone would look for
     * them beside the java binary first.
     */
    private static void loadBackends(NativeFunctions functions, Path directory) throws LibraryException {
        try (Arena arena = Arena.ofConfined()) {
            BackendFunctions backends = functions.bind(BackendFunctions.class, "ggml_backend_");
            backends.loadAllFromPath(arena.allocateFrom(directory.toString()));
            if (backends.devCount() == 0) {
                backends.loadAll();
            }
            for (LibraryFiles.Backend spare : LibraryFiles.spareBackends(directory)) {
                if (NativeMemory.isNull(backends.regByName(arena.allocateFrom(spare.name())))) {
                    backends.load(arena.allocateFrom(spare.file().toString()));
                }
            }
        }
    }

    private static String build(SymbolLookup symbols, NativeFunctions functions, AbiLayout layout)
            throws LibraryException {
        return symbols.find("llama_version").isPresent()
                ? NativeMemory.string(functions.bind(VersionFunctions.class, "llama_").version())
                : layout.abi().toString();
    }

    private static Path realPath(Path directory) throws LibraryException {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            throw new LibraryException("the library folder " + directory + " is not there", e);
        }
    }

    /** Called before anything else. */
    interface LogFunctions {
        void logSet(MemorySegment callback, MemorySegment userData);
    }

    /** Only used for a folder. */
    interface BackendFunctions {
        void loadAllFromPath(MemorySegment directory);

        void loadAll();

        long devCount();

        MemorySegment regByName(MemorySegment name);

        MemorySegment load(MemorySegment file);
    }

    /** Not in every version. */
    interface VersionFunctions {
        MemorySegment version();
    }
}

package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.testing.SecondLibrary;
import org.barnraiser.worker.llama.LibraryException;
import org.barnraiser.worker.llama.LlamaLibrary;

/** A llama.cpp to prove things on. */
record Library(String name, EngineAbi abi, LlamaLibrary llama) {

    static final String BUNDLED = "b4916";
    static final String SECOND = "v0.5.0";

    /** The one that comes along, and the second one where it can be had. */
    static List<Library> all() throws LibraryException {
        List<Library> libraries = new ArrayList<>();
        libraries.add(new Library(BUNDLED, EngineAbi.ENGINE_ABI_B4916, LlamaLibrary.open(Optional.empty())));
        Optional<Path> second = SecondLibrary.find();
        if (second.isPresent()) {
            libraries.add(new Library(SECOND, EngineAbi.ENGINE_ABI_V0_5, LlamaLibrary.open(second)));
        }
        return List.copyOf(libraries);
    }

    @Override
    public String toString() {
        return name;
    }
}

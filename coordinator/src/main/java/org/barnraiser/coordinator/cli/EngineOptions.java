package org.barnraiser.coordinator.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the workers on this machine compute with, in the words of {@code barn worker}. */
final class EngineOptions {
    @Option(names = "--llama-lib", paramLabel = "DIR", defaultValue = "${env:BARN_LLAMA_LIB}", description = "Folder with a llama.cpp"
            + " build to use, or 'bundled' (default: $BARN_LLAMA_LIB, else the best that 'barn engine list' shows).")
    private @Nullable Path llamaLibrary;

    @Option(names = "--gpu-layers", paramLabel = "N|auto", description = "Layers that each worker puts on GPUs (default: all when"
            + " there is a GPU).")
    private @Nullable String gpuLayers;

    @Option(names = "--device", paramLabel = "NAME[,NAME]", split = ",", description = "What to compute on, as 'barn engine list' names"
            + " it (default: all GPUs, else the CPU).")
    private List<String> devices = List.of();

    @Option(names = "--cache-type", paramLabel = "TYPE", description = "How the KV cache stores its values: f16, or q8_0 in half the"
            + " memory (default: f16).")
    private @Nullable String cacheType;

    /** The options of a worker that say the same. */
    List<String> arguments() throws CommandException {
        List<String> arguments = new ArrayList<>();
        if (llamaLibrary != null) {
            arguments.addAll(List.of("--llama-lib", llamaLibrary.toString()));
        }
        if (gpuLayers != null) {
            require(gpuLayers.equals("auto") || gpuLayers.matches("\\d{1,6}"),
                    "--gpu-layers is " + gpuLayers + "; it must be a number of layers, or auto.");
            arguments.addAll(List.of("--gpu-layers", gpuLayers));
        }
        if (!devices.isEmpty()) {
            require(devices.stream().noneMatch(String::isBlank), "--device names no device between two commas.");
            arguments.addAll(List.of("--device", String.join(",", devices)));
        }
        if (cacheType != null) {
            require(cacheType.equals("f16") || cacheType.equals("q8_0"),
                    "--cache-type is " + cacheType + "; it must be f16 or q8_0.");
            arguments.addAll(List.of("--cache-type", cacheType));
        }
        return arguments;
    }

    private static void require(boolean condition, String problem) throws CommandException {
        if (!condition) {
            throw new CommandException(problem);
        }
    }
}

package org.barnraiser.testing.models;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes a random model from the command line, for benchmarks and trials. */
@Command(name = "random-model", mixinStandardHelpOptions = true, showDefaultValues = true, description = RandomModelMain.DESCRIPTION)
public final class RandomModelMain implements Callable<Integer> {

    static final String DESCRIPTION = "Writes a GGUF model with random weights; the same options give the same bytes.";

    private static final String PARAMETERS = "about this many weights, such as 250M; the sizes follow from it";
    private static final String LIBRARY = "a folder with another llama.cpp to quantise with; the bundled one otherwise";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--architecture", paramLabel = "NAME", description = "one of ${COMPLETION-CANDIDATES}")
    private Family family = Family.LLAMA;

    @Option(names = "--parameters", paramLabel = "COUNT", converter = ParameterCount.class, description = PARAMETERS)
    private @Nullable Long parameters;

    // The sizes below are used without --parameters.
    @Option(names = "--layers", description = "transformer layers")
    private int layers = ModelSize.tinyForSuperBlocks().layers();

    @Option(names = "--embedding", description = "width of hidden states")
    private int embeddingLength = ModelSize.tinyForSuperBlocks().embeddingLength();

    @Option(names = "--feed-forward", description = "inner width of a feed-forward network or of an expert")
    private int feedForwardLength = ModelSize.tinyForSuperBlocks().feedForwardLength();

    @Option(names = "--heads", description = "query heads")
    private int heads = ModelSize.tinyForSuperBlocks().heads();

    @Option(names = "--key-value-heads", description = "key and value heads")
    private int keyValueHeads = ModelSize.tinyForSuperBlocks().keyValueHeads();

    @Option(names = "--experts", description = "routed experts of a layer")
    private int experts = ModelSize.tinyForSuperBlocks().experts();

    @Option(names = "--experts-used", description = "experts that each token visits")
    private int expertsUsed = ModelSize.tinyForSuperBlocks().expertsUsed();

    @Option(names = "--vocabulary", description = "tokens")
    private int vocabulary = ModelSize.tinyForSuperBlocks().vocabulary();

    @Option(names = "--context", description = "tokens the model claims to have been trained for")
    private int contextLength = ModelSize.tinyForSuperBlocks().contextLength();

    @Option(names = "--type", description = "how matrices are stored: F32, F16, Q8_0, Q4_0, Q4_K, Q6_K, …")
    private GgmlType type = GgmlType.Q8_0;

    @Option(names = "--seed")
    private long seed = 1;

    @Option(names = "--llama-lib", paramLabel = "DIR", description = LIBRARY)
    private @Nullable Path library;

    @Option(names = "--output", required = true, paramLabel = "FILE")
    private @Nullable Path output;

    private RandomModelMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new RandomModelMain());
        commandLine.registerConverter(Family.class, RandomModelMain::familyNamed);
        return commandLine;
    }

    @Override
    public Integer call() throws Exception {
        CommandSpec checkedSpec = Objects.requireNonNull(spec);
        Path file = Objects.requireNonNull(output);
        ModelShape shape = shape(checkedSpec);
        LlamaLibrary llama = LlamaLibrary.open(Optional.ofNullable(library));
        new RandomModel(shape, type, seed).write(file, llama.types());
        PrintWriter out = checkedSpec.commandLine().getOut();
        out.printf("%s: %s, %,d parameters, %,d bytes%n", file, family, shape.parameters(), Files.size(file));
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private ModelShape shape(CommandSpec checkedSpec) {
        try {
            ModelSize size = parameters == null
                    ? new ModelSize(layers, embeddingLength, feedForwardLength, heads, keyValueHeads, experts,
                            expertsUsed, vocabulary, contextLength)
                    : SizeSearch.find(family, parameters);
            return family.shape(size);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(checkedSpec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Family familyNamed(String name) {
        return Arrays.stream(Family.values()).filter(family -> family.toString().equals(name)).findFirst().orElseThrow(
                () -> new CommandLine.TypeConversionException(
                        "'%s' is not one of %s".formatted(name, Arrays.toString(Family.values()))));
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.adapter.AdapterException;
import org.barnraiser.coordinator.adapter.AdapterStore;
import org.barnraiser.coordinator.adapter.Adapters;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ManifestCache;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.library.Origin;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.proto.EngineAbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Opens the models that a coordinator hosts, and has their weights served. */
final class OpenModels {
    private static final Logger LOG = LoggerFactory.getLogger(OpenModels.class);

    static final List<EngineAbi> ENGINES = List.of(EngineAbi.ENGINE_ABI_V0_5, EngineAbi.ENGINE_ABI_B4916);

    private OpenModels() {}

    private record Opened(Path path, Optional<Origin> origin, ModelFile file, Manifest manifest, Adapters adapters,
            ShardSource source) {}

    /**
     * Opens them in the given order. Blocks while files are hashed that are new here.
     *
     * @param weights serve the tensors of all from then on
     * @param resources own what was opened
     * @throws ClusterException when one cannot be hosted, or not beside the others; the message says which
     */
    static ImmutableList<OpenModel> open(CoordinatorConfig config, WeightsService weights, Resources resources)
            throws ClusterException {
        List<Opened> all = new ArrayList<>();
        Set<String> digests = new HashSet<>();
        for (ModelToHost model : config.models()) {
            try {
                Opened opened = open(model, config.dataDirectory(), resources);
                if (!digests.add(opened.manifest().digest())) {
                    throw new ClusterException("The model " + model.file() + " was given twice; give each once.");
                }
                publish(opened, weights, resources);
                all.add(opened);
            } catch (IOException e) {
                throw new ClusterException("The model " + model.file() + " cannot be hosted: " + e.getMessage(), e);
            }
        }
        return named(all, draft(config, all, weights, resources));
    }

    /** The draft model, for each model whose vocabulary it has; nobody's is an error. */
    private static Map<Opened, ShardSource> draft(CoordinatorConfig config, List<Opened> all, WeightsService weights,
            Resources resources) throws ClusterException {
        Map<Opened, ShardSource> drafts = new HashMap<>();
        if (config.draft().isEmpty()) {
            return drafts;
        }
        Path path = config.draft().get().file();
        try {
            Opened draft = open(config.draft().get(), config.dataDirectory(), resources);
            String difference = "";
            for (Opened model : all) {
                Optional<String> unlike = draft.file().vocabularyDifference(model.file());
                if (unlike.isEmpty()) {
                    drafts.put(model, draft.source());
                }
                difference = unlike.orElse(difference);
            }
            if (drafts.isEmpty()) {
                throw new ClusterException("The draft model " + path + " cannot guess for "
                        + all.getLast().path().getFileName() + ", because " + difference
                        + "; take one with the same vocabulary, or leave --draft out.");
            }
            if (all.stream().noneMatch(model -> model.manifest().digest().equals(draft.manifest().digest()))) {
                publish(draft, weights, resources);
            }
            return drafts;
        } catch (IOException e) {
            throw new ClusterException("The draft model " + path + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static Opened open(ModelToHost model, Path dataDirectory, Resources resources)
            throws ClusterException, IOException {
        ModelFile file = resources.add(ModelFile.open(model.file()));
        Manifest manifest = model.origin().isPresent()
                ? Manifest.known(file, Files.readAllLines(model.origin().get().manifest()))
                : hashed(file, model.file(), dataDirectory);
        Adapters adapters = resources.add(adapters(dataDirectory, file, manifest));
        ShardSource source = GgufShardSource.of(file, manifest, adapters);
        refuseUnsupported(source);
        return new Opened(model.file(), model.origin(), file, manifest, adapters, source);
    }

    private static Adapters adapters(Path dataDirectory, ModelFile file, Manifest manifest) throws ClusterException {
        try {
            return Adapters.open(new AdapterStore(dataDirectory), file, manifest.digest());
        } catch (AdapterException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Manifest hashed(ModelFile file, Path path, Path dataDirectory) throws GgufException {
        LOG.info("Checking the tensors of {}", path);
        return new ManifestCache(dataDirectory.resolve("manifests")).manifestOf(file, (_, _) -> {});
    }

    /** A model that no engine can split is refused at once, whoever the workers are. */
    private static void refuseUnsupported(ShardSource source) throws ClusterException {
        if (ENGINES.stream().allMatch(engine -> source.refusal(engine).isPresent())) {
            throw new ClusterException(source.refusal(ENGINES.getFirst()).orElseThrow());
        }
    }

    private static void publish(Opened opened, WeightsService weights, Resources resources) throws IOException {
        if (opened.origin().isPresent()) {
            weights.publish(opened.file(), opened.manifest(), resources.add(opened.origin().get().open()),
                    opened.origin().get().files());
        } else {
            weights.publish(opened.file(), opened.manifest());
        }
        opened.adapters().files().forEach(weights::publish);
    }

    /** Two quantisations of a model call themselves the same; then their files' names tell them apart, whichever comes first. */
    private static ImmutableList<OpenModel> named(List<Opened> all, Map<Opened, ShardSource> drafts)
            throws ClusterException {
        List<String> own = all.stream().map(opened -> name(opened.source())).toList();
        Set<String> given = new HashSet<>();
        ImmutableList.Builder<OpenModel> models = ImmutableList.builder();
        for (int index = 0; index < all.size(); index++) {
            Opened opened = all.get(index);
            String name = own.get(index);
            boolean shared = own.stream().filter(name::equals).count() > 1;
            Optional<String> other = shared ? Optional.of(ModelNames.ofFile(opened.path())) : Optional.empty();
            if (!given.add(other.orElse(name))) {
                throw new ClusterException("Two models are called " + other.orElse(name)
                        + "; rename the file of one of them, so that readers can tell them apart.");
            }
            models.add(new OpenModel(opened.source(), other, opened.origin(),
                    Optional.ofNullable(drafts.get(opened))));
        }
        return models.build();
    }

    private static String name(ShardSource source) {
        return source.description(source.trainedContextTokens()).name();
    }

    /** The engines that can split a model. */
    static ImmutableList<EngineAbi> engines(ShardSource source) {
        return ENGINES.stream().filter(engine -> source.refusal(engine).isEmpty()).collect(toImmutableList());
    }
}

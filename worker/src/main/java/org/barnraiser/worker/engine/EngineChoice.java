package org.barnraiser.worker.engine;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.worker.engine.TriedEngine.Usable;

import static java.util.stream.Collectors.joining;

/**
 * The llama.cpp that a worker takes, and why. A worker chooses at its start, when it does not know yet which models it will get, so it takes
 * one that sees a GPU, and then the newest, as newer ones know more architectures.
 *
 * @param folder nothing for the one that comes along
 * @param reason one sentence for people
 */
public record EngineChoice(Optional<Path> folder, String reason) {
    /** The word that asks for the one that comes along, where a folder may be given. */
    public static final String BUNDLED = "bundled";

    /**
     * For a worker that starts. Takes no longer than a search for files when nothing new is found.
     *
     * @param data the data folder
     * @param given what --llama-lib says
     * @param devices that the owner named; an engine that sees them all goes before others
     */
    public static EngineChoice of(Path data, Optional<Path> given, List<String> devices) throws InterruptedException {
        if (given.isPresent()) {
            return given(given.get());
        }
        Map<String, String> environment = System.getenv();
        List<EngineLocation> found = new EngineSearch(SearchPlaces.of(data, Optional.empty(), environment)).find();
        return found.size() == 1
                ? onlyBundled()
                : among(new Trials(data, EngineProbe.ofThisProgram()).remembered(found), devices);
    }

    /** What --llama-lib says goes before everything. */
    static EngineChoice given(Path library) {
        return library.equals(Path.of(BUNDLED))
                ? new EngineChoice(Optional.empty(), "It was asked for with --llama-lib " + BUNDLED + ".")
                : new EngineChoice(Optional.of(library), "It was named with --llama-lib.");
    }

    static EngineChoice among(List<TriedEngine> tried, List<String> devices) {
        List<Usable> usable = tried.stream().filter(Usable.class::isInstance).map(Usable.class::cast).toList();
        if (tried.size() == 1) {
            return onlyBundled();
        }
        if (usable.isEmpty()) {
            return new EngineChoice(Optional.empty(), "None of the llama.cpp builds found here can be opened.");
        }
        Usable best = usable.stream().max(Comparator.comparing((Usable engine) -> sees(engine, devices))
                .thenComparing(engine -> !engine.gpus().isEmpty()).thenComparing(Usable::isNewer)
                .thenComparing(Usable::build, EngineChoice::compareBuilds)
                .thenComparingInt(engine -> -tried.indexOf(engine))).orElseThrow();
        return new EngineChoice(best.location().folder(), reason(best, usable));
    }

    private static EngineChoice onlyBundled() {
        return new EngineChoice(Optional.empty(), "It comes along, and no other was found.");
    }

    private static String reason(Usable best, List<Usable> usable) {
        String origin = "It " + switch (best.location().source()) {
            case BUNDLED -> "comes along";
            case GIVEN, INSTALLED, LISTED, HOMEBREW, DISTRIBUTION, CONTAINER, NPM ->
                "was found (" + best.location().source().description() + ")";
        };
        if (usable.size() == 1) {
            return origin + ", and no other that was found can be used.";
        }
        if (!best.gpus().isEmpty()) {
            return origin + ", and sees " + best.gpus().stream().map(EngineChoice::shown).collect(joining(" and "))
                    + ".";
        }
        return origin + ", and is the newest of " + usable.size() + " that can be used; none of them sees a GPU.";
    }

    private static String shown(DeviceRecord device) {
        return device.getDescription().isEmpty()
                ? device.getName()
                : device.getName() + ", " + device.getDescription();
    }

    private static boolean sees(Usable engine, List<String> devices) {
        return engine.devices().stream().map(DeviceRecord::getName).toList().containsAll(devices);
    }

    /** Number by number, so that 0.10 is newer than 0.9. */
    private static int compareBuilds(String one, String other) {
        return Arrays.compare(numbers(one), numbers(other));
    }

    private static int[] numbers(String build) {
        return Arrays.stream(build.split("[^0-9]+")).filter(text -> !text.isEmpty() && text.length() < 10)
                .mapToInt(Integer::parseInt).toArray();
    }
}

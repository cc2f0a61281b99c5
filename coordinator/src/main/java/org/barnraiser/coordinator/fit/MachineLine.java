package org.barnraiser.coordinator.fit;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.plan.Link;

/** Reads machines as people describe them: {@code name=attic,memory=24G,bandwidth=900GB/s}, {@code rtx-3090}, {@code 3x pc-ddr4-32g}. */
public final class MachineLine {
    private static final ImmutableSet<String> KEYS = ImmutableSet.of("name", "type", "memory", "bandwidth", "compute",
            "network", "latency", "trusted", "count");
    private static final Pattern SEVERAL = Pattern.compile("(\\d{1,3})\\s*x\\s*([a-z].*)", Pattern.CASE_INSENSITIVE);
    private static final int MAX_MACHINES = 64;
    private static final int MAX_NAME_CHARS = 60;

    private final Catalogue catalogue;

    public MachineLine(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /**
     * Reads all machines of a plan; those of one name are numbered.
     *
     * @throws IllegalArgumentException with a sentence that names the line
     */
    public ImmutableList<Machine> parse(List<String> lines) {
        List<Machine> machines = new ArrayList<>();
        for (String line : lines) {
            try {
                machines.addAll(machines(line));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--machine '" + line + "': " + e.getMessage() + ".", e);
            }
            if (machines.size() > MAX_MACHINES) {
                throw new IllegalArgumentException("More than " + MAX_MACHINES + " machines cannot be planned.");
            }
        }
        return distinct(machines);
    }

    private List<Machine> machines(String line) {
        if (line.indexOf('=') < 0) {
            Matcher several = SEVERAL.matcher(line.strip());
            int count = several.matches() ? Integer.parseInt(several.group(1)) : 1;
            String type = several.matches() ? several.group(2) : line;
            return times(count, machine(Map.of("type", type)));
        }
        Map<String, String> values = values(line);
        return times(count(values.getOrDefault("count", "1")), machine(values));
    }

    private static Map<String, String> values(String line) {
        Map<String, String> values = new HashMap<>();
        for (String part : Splitter.on(',').trimResults().split(line)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("\"" + part + "\" is no key=value");
            }
            String key = part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        "there is no key \"" + key + "\"; the keys are " + String.join(", ", KEYS));
            }
            if (values.put(key, part.substring(equals + 1).strip()) != null) {
                throw new IllegalArgumentException(key + " is there twice");
            }
        }
        return values;
    }

    private Machine machine(Map<String, String> values) {
        Optional<Catalogue.Entry> entry = Optional.ofNullable(values.get("type")).map(this::entry);
        String name = values.getOrDefault("name", entry.map(Catalogue.Entry::name).orElse("machine"));
        if (name.isBlank() || name.length() > MAX_NAME_CHARS || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name has 1 to " + MAX_NAME_CHARS + " characters");
        }
        String memory = values.get("memory");
        if (memory == null && entry.isEmpty()) {
            throw new IllegalArgumentException(
                    "memory is missing; write what the machine can lend, such as memory=24G, or type= and a machine of the"
                            + " catalogue ('barn plan --catalogue' shows it)");
        }
        long bytes = memory == null
                ? entry.orElseThrow().memoryBytes()
                : Math.round(Quantity.BYTES.parse("memory", memory));
        OptionalDouble bandwidth = number(values, "bandwidth", Quantity.BYTES_PER_SECOND,
                entry.map(Catalogue.Entry::bytesPerSecond));
        OptionalDouble compute = number(values, "compute", Quantity.OPERATIONS_PER_SECOND,
                entry.map(Catalogue.Entry::operationsPerSecond));
        Optional<Machine.Pace> pace = bandwidth.isPresent()
                ? Optional.of(Machine.Pace.onPaper(bandwidth.getAsDouble(), compute))
                : Optional.empty();
        return new Machine(name, bytes, pace, link(values), trusted(values.getOrDefault("trusted", "no")));
    }

    private Catalogue.Entry entry(String type) {
        return catalogue.find(type).orElseThrow(() -> new IllegalArgumentException("\"" + type
                + "\" is not in the catalogue ('barn plan --catalogue' shows it); describe the machine, such as"
                + " name=attic,memory=24G,bandwidth=900GB/s"));
    }

    private static OptionalDouble number(Map<String, String> values, String key, Quantity quantity,
            Optional<Double> otherwise) {
        String text = values.get(key);
        if (text != null) {
            return OptionalDouble.of(quantity.parse(key, text));
        }
        return otherwise.isPresent() ? OptionalDouble.of(otherwise.get()) : OptionalDouble.empty();
    }

    private static Optional<Link> link(Map<String, String> values) {
        String network = values.get("network");
        String latency = values.get("latency");
        if (network == null && latency == null) {
            return Optional.empty();
        }
        return Optional.of(new Link(
                latency == null ? Link.USUAL.seconds() : Quantity.SECONDS.parse("latency", latency),
                network == null
                        ? Link.USUAL.bytesPerSecond()
                        : Quantity.BITS_PER_SECOND.parse("network", network) / 8));
    }

    private static boolean trusted(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "true" -> true;
            case "no", "false" -> false;
            default -> throw new IllegalArgumentException("trusted is \"" + text + "\"; write yes or no");
        };
    }

    private static int count(String text) {
        if (!text.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("count is \"" + text + "\"; write a number");
        }
        return Integer.parseInt(text);
    }

    private static List<Machine> times(int count, Machine machine) {
        if (count < 1 || count > MAX_MACHINES) {
            throw new IllegalArgumentException("count is " + count + "; it must be from 1 to " + MAX_MACHINES);
        }
        return Collections.nCopies(count, machine);
    }

    private static ImmutableList<Machine> distinct(List<Machine> machines) {
        Set<String> taken = new HashSet<>();
        ImmutableList.Builder<Machine> distinct = ImmutableList.builder();
        for (Machine machine : machines) {
            String name = machine.name();
            for (int number = 2; !taken.add(name); number++) {
                name = machine.name() + "-" + number;
            }
            distinct.add(machine.named(name));
        }
        return distinct.build();
    }
}

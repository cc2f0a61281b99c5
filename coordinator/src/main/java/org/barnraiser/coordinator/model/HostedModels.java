package org.barnraiser.coordinator.model;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The models that the cluster hosts, each known by its own name and perhaps by others. Never changes; for any thread. */
public final class HostedModels {
    /** Neither a plus sign, which joins a name and an adapter's, nor anything that would have to be quoted. */
    private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}");
    private static final char ADAPTER = '+';

    private final ImmutableList<HostedModel> all;
    private final ImmutableMap<String, HostedModel> byName;
    private final ImmutableMap<String, String> aliases;

    /**
     * What a reader asked for.
     *
     * @param name the model's own name, and behind a plus sign what the reader put there
     */
    public record Asked(HostedModel model, String name) {}

    /**
     * Knows these models.
     *
     * @param all at least one, each of another name
     * @param aliases other names of them
     * @throws IllegalArgumentException when a name would stand for two models, or for none; the message says which
     */
    public HostedModels(List<? extends HostedModel> all, Map<String, String> aliases) {
        if (all.isEmpty()) {
            throw new IllegalArgumentException("there is no model");
        }
        this.all = ImmutableList.copyOf(all);
        byName = Maps.uniqueIndex(this.all, model -> model.description().name());
        this.aliases = ImmutableMap.copyOf(aliases);
        this.aliases.forEach(this::check);
    }

    /** One model without other names. */
    public static HostedModels only(HostedModel model) {
        return new HostedModels(List.of(model), Map.of());
    }

    private void check(String alias, String name) {
        if (!ALIAS.matcher(alias).matches()) {
            throw new IllegalArgumentException("the alias '" + alias
                    + "' must be 1 to 100 letters, digits, dots, hyphens, colons, slashes or underscores");
        }
        if (!byName.containsKey(name)) {
            throw new IllegalArgumentException(
                    "the alias '" + alias + "' is of '" + name + "', which is not hosted; there is " + names());
        }
        if (byName.containsKey(alias)) {
            throw new IllegalArgumentException("the alias '" + alias + "' is the name of a model that is hosted");
        }
    }

    /** In the order in which they were given. */
    public ImmutableList<HostedModel> all() {
        return all;
    }

    /** The one that was given first. */
    public HostedModel first() {
        return all.getFirst();
    }

    /** Whether there is no choice. */
    public boolean isOne() {
        return all.size() == 1;
    }

    /** The other names of a model. */
    public ImmutableList<String> aliases(HostedModel model) {
        String name = model.description().name();
        return aliases.entrySet().stream().filter(entry -> entry.getValue().equals(name)).map(Map.Entry::getKey)
                .collect(ImmutableList.toImmutableList());
    }

    /** The model of exactly this name or alias, perhaps with something behind a plus sign; no other is ever near enough. */
    public Optional<Asked> find(String asked) {
        int plus = asked.indexOf(ADAPTER);
        String base = plus < 0 ? asked : asked.substring(0, plus);
        String name = aliases.getOrDefault(base, base);
        return Optional.ofNullable(byName.get(name))
                .map(model -> new Asked(model, name + asked.substring(base.length())));
    }

    /** All names, for people. */
    public String names() {
        return String.join(", ", all.stream().map(model -> {
            ImmutableList<String> others = aliases(model);
            String name = "'" + model.description().name() + "'";
            return others.isEmpty() ? name : name + " (also called '" + String.join("', '", others) + "')";
        }).toList());
    }
}

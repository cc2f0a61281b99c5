package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Strings;
import com.google.common.collect.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.terminal.Lines;

/** A cluster's state for people, 80 columns wide. What an older server does not tell is left out. */
final class StatusView {
    private static final int WIDTH = 80;
    private static final int LABEL = 9;
    private static final String INDENT = " ".repeat(LABEL);
    private static final int MAX_NAME = 20;
    private static final int MAX_TEXT = 600;

    private final JsonNode cluster;
    private final List<String> lines = new ArrayList<>();

    /** @param cluster what {@code GET /api/cluster} answered */
    StatusView(JsonNode cluster) {
        this.cluster = cluster;
    }

    List<String> lines() {
        lines.clear();
        JsonNode models = cluster.path("models");
        if (models.size() > 1) {
            models.forEach(this::modelOfSeveral);
            activity(cluster.path("activity"));
        } else {
            model(cluster.path("model"));
            activity(cluster.path("activity"));
            plan(cluster.path("plan"));
        }
        weights(cluster.path("weights"));
        workers(cluster.path("workers"));
        coordinators(cluster.path("coordinators"));
        trust(cluster.path("trust"));
        for (JsonNode trouble : cluster.path("troubles")) {
            add("trouble", Lines.plain(trouble.asText(), MAX_TEXT));
        }
        return List.copyOf(lines);
    }

    private void model(JsonNode model) {
        add("model", name(model, "name"));
        add("digest", "sha256:" + Lines.plain(model.path("digest").asText(), WIDTH - LABEL - 7));
        add("state", model.path("ready").asBoolean() ? "ready" : "not ready: " + text(model, "reason"));
    }

    private void modelOfSeveral(JsonNode model) {
        model(model);
        plan(model.path("plan"));
    }

    private void activity(JsonNode activity) {
        if (activity.isObject()) {
            add("answers", String.format(Locale.ROOT, "%d running, %d waiting, %d paused; %.1f tokens/s",
                    activity.path("running").asInt(), activity.path("waiting").asInt(),
                    activity.path("paused").asInt(), activity.path("tokensPerSecond").asDouble()));
            add("so far", String.format(Locale.ROOT, "%,d tokens, %,d take-overs",
                    activity.path("generatedTokensTotal").asLong(), activity.path("takeoversTotal").asLong()));
        }
    }

    private void plan(JsonNode plan) {
        add("plan", "epoch " + plan.path("epoch").asLong());
        estimate(plan.path("estimate"));
        boolean several = plan.path("pipelines").size() > 1;
        for (JsonNode pipeline : plan.path("pipelines")) {
            if (several) {
                lines.add(INDENT + "pipeline " + pipeline.path("number").asInt() + ", epoch "
                        + pipeline.path("epoch").asLong());
            }
            for (JsonNode stage : pipeline.path("stages")) {
                lines.add((INDENT
                        + String.format(Locale.ROOT, "layers %3d to %3d  %s pid %-8d", stage.path("first").asInt(),
                                stage.path("last").asInt() - 1, Strings.padEnd(name(stage, "worker"), MAX_NAME, ' '),
                                stage.path("pid").asLong())
                        + load(stage)).stripTrailing());
                way(stage.path("next"));
            }
        }
    }

    private void way(JsonNode next) {
        double roundTripMillis = next.path("roundTripMillis").asDouble();
        String kind = text(next, "kind");
        String measured = roundTripMillis <= 0
                ? ""
                : String.format(Locale.ROOT, "%.1f ms there and back, %.0f Mbit/s", roundTripMillis,
                        next.path("bytesPerSecond").asDouble() / 125e3);
        if (!kind.isEmpty() || !measured.isEmpty()) {
            note("then " + String.join(", ", Stream.of(kind, measured).filter(part -> !part.isEmpty()).toList()));
        }
    }

    private void estimate(JsonNode estimate) {
        double expected = estimate.path("tokensPerSecond").asDouble();
        double measured = estimate.path("measuredTokensPerSecond").asDouble();
        if (expected > 0) {
            lines.add(INDENT + String.format(Locale.ROOT, "one reader: %.1f tokens/s expected, %s", expected,
                    measured > 0 ? String.format(Locale.ROOT, "%.1f measured", measured) : "not measured yet"));
        }
        double load = estimate.path("loadSeconds").asDouble();
        if (load >= 1) {
            lines.add(INDENT + String.format(Locale.ROOT, "read from the machines' disks in about %.0f s", load));
        }
    }

    private static String load(JsonNode stage) {
        double stepMillis = stage.path("stepMillis").asDouble();
        return stepMillis <= 0
                ? ""
                : String.format(Locale.ROOT, " %3.0f%% %7.1f ms", 100 * stage.path("busyShare").asDouble(), stepMillis);
    }

    private void weights(JsonNode weights) {
        int copies = weights.path("copies").asInt();
        int wanted = weights.path("copiesWanted").asInt();
        if (copies > 0 && copies < wanted) {
            add("copies", copies + " of " + text(weights, "leastCopied") + ", which has the fewest; " + wanted
                    + " are wanted");
        } else if (copies > 0) {
            add("copies", "at least " + copies + " of every tensor; " + wanted + " are wanted");
        }
    }

    private void workers(JsonNode workers) {
        List<String> engines = Streams.stream(workers).map(StatusView::engine).distinct().toList();
        add("workers", workers.size() + (engines.size() == 1 ? ", with llama.cpp " + engines.getFirst() : ""));
        for (JsonNode worker : workers) {
            lines.add((INDENT + String.format(Locale.ROOT, "%s %s lends %6.1f GB  %s",
                    Strings.padEnd(name(worker, "worker"), MAX_NAME, ' '),
                    Strings.padEnd(Lines.plain(worker.path("state").asText(), LABEL), LABEL, ' '),
                    worker.path("usableMemoryBytes").asLong() / 1e9,
                    Lines.plain(worker.path("address").asText(), 23))).stripTrailing());
            String link = text(worker, "link");
            if (!link.isEmpty() && !link.equals("direct")) {
                note("reached from here: " + link);
            }
            note(text(worker, "note"));
            note(certificate(worker.path("worker").asText()));
            note(disk(worker.path("disk")));
            if (engines.size() > 1) {
                note("llama.cpp " + engine(worker));
            }
        }
    }

    /** How a worker's certificate stands, where that is known. */
    private String certificate(String worker) {
        return certificates().filter(certificate -> certificate.path("member").asText().equals(worker))
                .findFirst().map(certificate -> certificate.path("removed").asBoolean()
                        ? "Its certificate was taken back."
                        : "Its certificate is good until " + day(certificate) + ".")
                .orElse("");
    }

    private Stream<JsonNode> certificates() {
        return Streams.stream(cluster.path("trust").path("certificates"));
    }

    private static String day(JsonNode certificate) {
        String until = text(certificate, "until");
        return until.substring(0, Math.min(until.length(), "2026-11-21".length()));
    }

    private void trust(JsonNode trust) {
        String fingerprint = text(trust, "fingerprint");
        if (!fingerprint.isEmpty()) {
            add("trust", fingerprint);
        }
        String removed = certificates().filter(certificate -> certificate.path("removed").asBoolean())
                .map(certificate -> name(certificate, "member")).sorted().collect(Collectors.joining(", "));
        if (!removed.isEmpty()) {
            add("removed", removed);
        }
    }

    private static String disk(JsonNode disk) {
        double read = disk.path("readBytesPerSecond").asDouble();
        double free = disk.path("freeBytes").asDouble();
        return free <= 0
                ? ""
                : String.format(Locale.ROOT, "disk: %.0f GB free", free / 1e9)
                        + (read > 0 ? String.format(Locale.ROOT, ", reads %.0f MB/s", read / 1e6) : "");
    }

    private void note(String note) {
        if (!note.isEmpty()) {
            Lines.wrap(note, WIDTH - LABEL - 2).forEach(line -> lines.add(INDENT + "  " + line));
        }
    }

    private void coordinators(JsonNode coordinators) {
        if (!coordinators.isEmpty()) {
            lines.add("coordinators " + coordinators.size());
        }
        for (JsonNode coordinator : coordinators) {
            String address = text(coordinator, "httpAddress");
            lines.add(INDENT + (address.isEmpty() ? name(coordinator, "coordinator") : Lines.plain(address, 50))
                    + (coordinator.path("leads").asBoolean() ? "  leads" : ""));
        }
    }

    private void add(String label, String text) {
        String start = Strings.padEnd(label, LABEL, ' ');
        for (String line : Lines.wrap(text, WIDTH - LABEL)) {
            lines.add(start + line);
            start = INDENT;
        }
    }

    private static String name(JsonNode node, String field) {
        return Lines.plain(node.path(field).asText(), MAX_NAME);
    }

    private static String engine(JsonNode worker) {
        String reason = text(worker, "engineReason");
        return text(worker, "engine") + (reason.isEmpty() ? "" : ". " + reason);
    }

    private static String text(JsonNode node, String field) {
        return Lines.plain(node.path(field).asText(), MAX_TEXT);
    }
}

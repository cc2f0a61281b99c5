package org.barnraiser.coordinator.bench;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.account.Credential;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Puts a scenario's readers to an endpoint, all at once, each on a thread of its own. */
public final class LoadRun {
    private final StreamingClient client;
    private final String model;

    /** @param model its name at the endpoint */
    public LoadRun(StreamingClient client, String model) {
        this.client = client;
        this.model = model;
    }

    /** One reader's answers, by turn. */
    private record Heard(List<List<Measurement>> turns) {}

    /** Has one short answer made, since the first ever warms caches on both sides. */
    public void warmUp() throws IOException, InterruptedException {
        client.measure(model, "Once", 2);
        client.stageTotals();
    }

    /**
     * Blocks until the last answer is there.
     *
     * @return in the order of the scenario's groups
     * @throws IOException when a group's key is not there, or an answer is refused or breaks off
     */
    public LoadResult run(Scenario scenario) throws IOException, InterruptedException {
        // Before anybody begins: a key that is missing is no surprise after minutes.
        Map<Group, Credential> keys = new HashMap<>();
        for (Group group : scenario.groups()) {
            if (!group.keyVariable().isEmpty()) {
                keys.put(group, Credential.inVariable(group.keyVariable()));
            }
        }
        StageTotals before = client.stageTotalsNow();
        long startNanos = System.nanoTime();
        List<GroupResult> results = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<List<Future<Heard>>> running = scenario.groups().stream().map(group -> IntStream
                    .range(0, group.readers())
                    .mapToObj(reader -> readers
                            .submit(() -> read(group, keys.getOrDefault(group, client.credential()), reader)))
                    .toList()).toList();
            for (int index = 0; index < running.size(); index++) {
                results.add(result(scenario.groups().get(index), running.get(index)));
            }
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        return new LoadResult(ImmutableList.copyOf(results), seconds, client.stageTotals().minus(before));
    }

    private Heard read(Group group, Credential shown, int reader) throws IOException, InterruptedException {
        Thread.sleep(Duration.ofMillis((long) (group.startSeconds() * 1000)));
        List<List<Measurement>> turns = new ArrayList<>();
        IntStream.range(0, group.turns()).forEach(_ -> turns.add(new ArrayList<>()));
        for (int answer = 0; answer < group.answers(); answer++) {
            StringBuilder said = new StringBuilder();
            for (int turn = 0; turn < group.turns(); turn++) {
                said.append(turn == 0 ? group.question(reader, answer) : " And then?");
                Measurement heard = client.measure(model, said.toString(), group.maxTokens(), shown);
                turns.get(turn).add(heard);
                said.append(heard.text());
            }
            // Not in time with anything else.
            Thread.sleep(Duration.ofMillis(
                    (long) (1000 * group.pauseSeconds() * ThreadLocalRandom.current().nextDouble(0.5, 1.5))));
        }
        return new Heard(turns);
    }

    private static GroupResult result(Group group, List<Future<Heard>> readers)
            throws IOException, InterruptedException {
        List<Heard> heard = new ArrayList<>();
        for (Future<Heard> reader : readers) {
            try {
                heard.add(reader.get());
            } catch (ExecutionException e) {
                readers.forEach(other -> other.cancel(true));
                throw e.getCause() instanceof IOException refused ? refused : new IOException(e.getCause());
            }
        }
        return new GroupResult(group, IntStream.range(0, group.turns()).mapToObj(turn -> heard.stream()
                .flatMap(one -> one.turns().get(turn).stream()).collect(toImmutableList())).collect(toImmutableList()));
    }
}

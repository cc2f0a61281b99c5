package org.barnraiser.testing.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.bench.Group;
import org.barnraiser.coordinator.bench.GroupResult;
import org.barnraiser.coordinator.bench.LoadResult;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.coordinator.bench.Scenario;
import org.barnraiser.coordinator.bench.StageTotals;

/**
 * llama.cpp alone: a whole model with one thread in each of some processes, among which readers are dealt out. One process is what a split is
 * compared with; as many as a split has workers show what the machine itself allows, as they share nothing but memory and cores. Serves
 * readers who ask once.
 */
final class UnsplitCandidate implements Candidate {
    private final List<UnsplitProcess> processes = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param slots readers at a time, of all processes together */
    static UnsplitCandidate start(int count, Path model, int contextTokens, int slots) throws IOException {
        UnsplitCandidate candidate = new UnsplitCandidate();
        try {
            for (int i = 0; i < count; i++) {
                candidate.processes
                        .add(new UnsplitProcess(model, contextTokens, Math.ceilDiv(slots, count)));
            }
        } catch (IOException e) {
            candidate.close();
            throw e;
        }
        return candidate;
    }

    @Override
    public String name() {
        return processes.size() == 1 ? "unsplit llama.cpp" : "unsplit, " + processes.size() + " copies";
    }

    @Override
    public int hops() {
        return 0;
    }

    @Override
    public boolean serves(Scenario load) {
        Group group = load.groups().getFirst();
        return load.groups().size() == 1 && group.readers() >= processes.size() && group.answers() == 1
                && group.turns() == 1;
    }

    @Override
    public LoadResult run(Scenario load) throws IOException, InterruptedException {
        Group group = load.groups().getFirst();
        List<String> questions = IntStream.range(0, group.readers()).mapToObj(reader -> group.question(reader, 0))
                .toList();
        List<Callable<List<Measurement>>> shares = new ArrayList<>();
        for (List<String> share : Lists.partition(questions, Math.ceilDiv(questions.size(), processes.size()))) {
            UnsplitProcess process = processes.get(shares.size());
            shares.add(() -> process.measure(share, group.maxTokens()));
        }
        ImmutableList.Builder<Measurement> answers = ImmutableList.builder();
        for (Future<List<Measurement>> share : threads.invokeAll(shares)) {
            try {
                answers.addAll(share.get());
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            }
        }
        GroupResult result = new GroupResult(group, ImmutableList.of(answers.build()));
        return new LoadResult(ImmutableList.of(result), result.seconds(), new StageTotals(ImmutableList.of()));
    }

    @Override
    public List<Long> pids() {
        return processes.stream().map(UnsplitProcess::pid).toList();
    }

    @Override
    public void close() {
        threads.close();
        processes.forEach(UnsplitProcess::close);
    }
}

package org.barnraiser.testing.bench;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import org.barnraiser.coordinator.bench.Group;
import org.barnraiser.coordinator.bench.GroupResult;
import org.barnraiser.coordinator.bench.LoadResult;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.coordinator.bench.Scenario;
import org.barnraiser.coordinator.bench.StageTotals;

/** llama.cpp alone, in one process with one thread; serves one reader who asks once. */
final class UnsplitCandidate implements Candidate {
    private final UnsplitProcess process;

    UnsplitCandidate(Path model, int contextTokens) throws IOException {
        process = new UnsplitProcess(model, contextTokens);
    }

    @Override
    public String name() {
        return "unsplit llama.cpp";
    }

    @Override
    public int hops() {
        return 0;
    }

    @Override
    public boolean serves(Scenario load) {
        Group group = load.groups().getFirst();
        return load.groups().size() == 1 && group.readers() == 1 && group.answers() == 1 && group.turns() == 1;
    }

    @Override
    public LoadResult run(Scenario load) throws IOException {
        Group group = load.groups().getFirst();
        Measurement answer = process.measure(group.question(0, 0), group.maxTokens());
        GroupResult result = new GroupResult(group, ImmutableList.of(ImmutableList.of(answer)));
        return new LoadResult(ImmutableList.of(result), result.seconds(), new StageTotals(ImmutableList.of()));
    }

    @Override
    public void close() {
        process.close();
    }
}

package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;

import static org.assertj.core.api.Assertions.assertThat;

/** A driver, its pipeline, and its readers; each move is one thing that may happen next. */
final class Simulation {
    private static final long EPOCH = 3;

    private final DriverLimits limits;
    private final Driver driver;
    private final InMemoryPipeline pipeline;
    private final List<Participant> participants = new ArrayList<>();
    private long lastStepSent;
    /** Who begins like somebody before may wait a step for what that one computes. */
    private boolean alike;

    Simulation(DriverLimits limits) {
        this.limits = limits;
        driver = new Driver(EPOCH, limits, new FakeClock(), new UnreliableDrafter());
        pipeline = new InMemoryPipeline(EPOCH, limits);
    }

    InMemoryPipeline pipeline() {
        return pipeline;
    }

    Driver driver() {
        return driver;
    }

    List<Participant> participants() {
        return participants;
    }

    /** A reader with all that was agreed. */
    final class Participant extends Reader {
        final GenerationRequest request;
        private Optional<Generation> generation = Optional.empty();
        boolean cancelled;
        private long stepsSentAtLastToken;

        Participant(GenerationRequest request) {
            this.request = request;
        }

        @Override
        public void onToken(SampledToken token) {
            super.onToken(token);
            // Who starts over has to be read again first.
            if (stepsSentAtLastToken > 0 && pipeline.failed().isEmpty()) {
                assertThat(resultNumber - stepsSentAtLastToken).as("steps between two tokens")
                        .isLessThanOrEqualTo(mostStepsUntilFed());
            }
            stepsSentAtLastToken = lastStepSent;
        }

        void cancel() {
            cancelled |= !hasEnded();
            generation.orElseThrow().cancel();
        }
    }

    private long resultNumber;

    /** Others that are ready go before it once each, and between two of them there may be prompts and edits. */
    private int mostStepsUntilFed() {
        return 3 * limits.slots();
    }

    /** Whether so many steps failed in a row that it is the pipeline's fault. */
    boolean isLost() {
        return driver.lostReason().isPresent();
    }

    private long live() {
        return participants.stream().filter(participant -> !participant.hasEnded()).count();
    }

    /** Submits; the driver must refuse exactly when the house is full or the pipeline is lost. */
    void submit(int promptTokens, int maxTokens) {
        submit(FakeModel.request(participants.size() + 1, promptTokens, maxTokens));
    }

    /** One that begins as all others of its family do. */
    void submitAlike(int family, int sharedTokens, int promptTokens, int maxTokens) {
        alike = true;
        GenerationRequest own = FakeModel.request(participants.size() + 1, promptTokens, maxTokens);
        ImmutableIntArray.Builder prompt = ImmutableIntArray.builder();
        for (int i = 0; i < promptTokens; i++) {
            prompt.add(i < sharedTokens ? 10_000_000 * (family + 1) + i : own.promptTokens().get(i));
        }
        submit(new GenerationRequest(prompt.build(), maxTokens, own.sampling()));
    }

    /** The next turn of a conversation: what somebody asked and heard so far, and some tokens more. */
    void submitNextTurn(Participant before, int newTokens, int maxTokens) {
        alike = true;
        GenerationRequest own = FakeModel.request(participants.size() + 1, newTokens, maxTokens);
        ImmutableIntArray prompt = ImmutableIntArray.builder().addAll(before.request.promptTokens())
                .addAll(before.tokens()).addAll(own.promptTokens()).build();
        if (prompt.length() < limits.contextTokens()) {
            submit(new GenerationRequest(prompt, maxTokens, own.sampling()));
        }
    }

    private void submit(GenerationRequest request) {
        Participant participant = new Participant(request);
        boolean full = isLost() || live() == limits.slots() + limits.maxWaiting();
        try {
            participant.generation = Optional.of(driver.submit(ResumableSequence.of(participant.request), participant));
            assertThat(full).as("was full but took one in").isFalse();
            participants.add(participant);
        } catch (ModelUnavailableException e) {
            assertThat(full).as("was not full: " + e.getMessage()).isTrue();
        }
    }

    boolean sendStep() {
        Optional<Step> step = driver.nextStep();
        step.ifPresent(sent -> {
            lastStepSent = sent.getNumber();
            pipeline.send(sent);
        });
        return step.isPresent();
    }

    boolean deliverResult() {
        Optional<StepResult> result = pipeline.takeResult();
        result.ifPresent(taken -> {
            resultNumber = taken.getNumber();
            driver.onResult(taken);
        });
        return result.isPresent();
    }

    /** Sends and delivers until nothing moves. */
    void settle() {
        boolean moved = true;
        while (moved) {
            moved = sendStep();
            moved |= deliverResult();
        }
    }

    /** After {@link #settle()}: everyone heard what the model says alone, and nothing is left behind. */
    void assertAllIsWell() {
        for (Participant participant : participants) {
            FakeModel.Answer alone = FakeModel.answer(participant.request, limits.contextTokens());
            assertThat(alone.tokens().subList(0, participant.tokens().size())).isEqualTo(participant.tokens());
            if (isLost() && participant.ends().isEmpty()) {
                assertThat(participant.interruptions()).hasSize(1);
                continue;
            }
            assertThat(participant.ends()).as("ends").hasSize(1);
            switch (participant.ends().getFirst()) {
                case GenerationEnd.Cancelled _ -> assertThat(participant.cancelled).isTrue();
                case GenerationEnd.Failed _ -> assertThat(pipeline.failed()).contains(seed(participant));
                case GenerationEnd.EndOfGeneration _,GenerationEnd.Length _ -> participant.assertHeard(alone);
            }
        }
        if (!alike) {
            assertThat(pipeline.begun()).as("first come, first served").isSorted();
        }
        assertThat(pipeline.cellsInUse()).as("cells left in use")
                .matches(cells -> cells == driver.statistics().keptTokens() || isLost());
        PipelineStatistics statistics = driver.statistics();
        assertThat(statistics.running() + statistics.waiting() + statistics.stepsInFlight()).isZero();
        if (!isLost()) {
            assertThat(statistics.stepsTotal()).isEqualTo(lastStepSent);
        }
        assertThat(statistics.acceptedTokensTotal()).isLessThanOrEqualTo(statistics.draftedTokensTotal());
        assertThat(statistics.generatedTokensTotal())
                .isEqualTo(participants.stream().mapToLong(participant -> participant.tokens().size()).sum());
    }

    private static long seed(Participant participant) {
        return participant.request.sampling().getSeed();
    }
}

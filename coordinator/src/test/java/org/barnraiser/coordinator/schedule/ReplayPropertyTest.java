package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/** Pipelines come, fail, go and speak late, in whatever order; readers hear what the model says alone. */
class ReplayPropertyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** One thing that may happen. Pipelines are counted from the newest, so that the old ones speak as well. */
    sealed interface Move {
        /** Lengths are parts of what the context allows, in per mille. */
        record Start(int promptPart, int answerPart) implements Move {}

        record Cancel(int who) implements Move {}

        record SetAside(int who) implements Move {}

        record Resume(int who) implements Move {}

        record Send(int pipeline) implements Move {}

        record Deliver(int pipeline) implements Move {}

        record Lose(int pipeline) implements Move {}

        record Attach() implements Move {}

        record AttachAgain(int pipeline) implements Move {}

        record Join(int tokensPerSecond) implements Move {}

        record JoinAgain(int pipeline) implements Move {}

        record Detach(int pipeline) implements Move {}

        record Explain() implements Move {}

        record FailStep(int pipeline) implements Move {}

        record FailSpan(int pipeline) implements Move {}

        record Wait(int seconds) implements Move {}
    }

    /** Generations, all pipelines that there ever were, and the readers. */
    private static final class World {
        final DriverLimits limits;
        final FakeClock clock = new FakeClock();
        final Generations generations;
        final List<DrivenRunner> pipelines = new ArrayList<>();
        final List<Participant> participants = new ArrayList<>();

        World(DriverLimits limits) {
            this.limits = limits;
            generations = new Generations(new GenerationLimits(limits.contextTokens(), limits.maxSequences(), PATIENCE),
                    clock, clock);
        }

        void play(Move move) {
            switch (move) {
                case Move.Start(int promptPart, int answerPart) ->
                    start(1 + promptPart * (limits.contextTokens() - 2) / 1000,
                            1 + answerPart * limits.contextTokens() / 1000);
                case Move.Cancel(int who) -> participant(who).ifPresent(Participant::cancel);
                case Move.SetAside(int who) -> participant(who).ifPresent(Participant::setAside);
                case Move.Resume(int who) -> participant(who).ifPresent(Participant::goOn);
                case Move.Send(int which) -> pipeline(which).ifPresent(DrivenRunner::sendStep);
                case Move.Deliver(int which) -> pipeline(which).ifPresent(DrivenRunner::deliverResult);
                case Move.Lose(int which) -> pipeline(which).ifPresent(pipeline -> pipeline.lose("A worker is gone."));
                case Move.Attach _ -> attach();
                case Move.AttachAgain(int which) -> pipeline(which).ifPresent(generations::attach);
                case Move.Join(int tokensPerSecond) -> {
                    pipelines.add(new DrivenRunner(pipelines.size() + 1L, limits));
                    generations.join(pipelines.getLast(), tokensPerSecond);
                }
                case Move.JoinAgain(int which) -> pipeline(which)
                        .ifPresent(pipeline -> generations.join(pipeline, 0));
                case Move.Detach(int which) -> pipeline(which)
                        .ifPresent(pipeline -> generations.detach(pipeline, "A worker does not answer."));
                case Move.Explain _ -> generations.explain("A plan is being made.");
                case Move.FailStep(int which) -> pipeline(which)
                        .ifPresent(pipeline -> pipeline.pipeline().failNextStep());
                case Move.FailSpan(int which) -> pipeline(which)
                        .ifPresent(pipeline -> pipeline.pipeline().failNextSpan());
                case Move.Wait(int seconds) -> clock.pass(Duration.ofSeconds(seconds));
            }
            assertThat(participants.stream().filter(participant -> !participant.hasEnded()).count())
                    .isLessThanOrEqualTo(limits.maxSequences());
        }

        private Optional<Participant> participant(int who) {
            return participants.isEmpty() ? Optional.empty() : Optional.of(participants.get(who % participants.size()));
        }

        private Optional<DrivenRunner> pipeline(int which) {
            return pipelines.isEmpty()
                    ? Optional.empty()
                    : Optional.of(pipelines.get(pipelines.size() - 1 - which % pipelines.size()));
        }

        void attach() {
            pipelines.add(new DrivenRunner(pipelines.size() + 1L, limits));
            generations.attach(pipelines.getLast());
        }

        private void start(int promptTokens, int maxTokens) {
            long seed = participants.size() + 1L;
            Participant participant = new Participant(seed % 2 == 0
                    ? FakeModel.mirostatRequest(seed, promptTokens, maxTokens)
                    : FakeModel.request(seed, promptTokens, maxTokens));
            try {
                participant.generation = Optional.of(generations.start(participant.request, participant));
                participants.add(participant);
            } catch (ModelUnavailableException e) {
                assertThat(e.isQueueFull()).isTrue();
                assertThat(generations.statistics().running() + generations.statistics().paused())
                        .isEqualTo(limits.maxSequences());
            }
        }

        /** A last pipeline does all that is left, and the old ones say all that they have to say. */
        void settle() {
            attach();
            participants.forEach(Participant::goOn);
            for (int i = 0; i < 3; i++) {
                pipelines.forEach(DrivenRunner::settle);
                clock.pass(Duration.ofSeconds(2));
            }
        }

        void assertAllIsWell() {
            assertThat(participants).allSatisfy(Participant::assertWell);
            assertThat(generations.statistics()).satisfies(statistics -> {
                assertThat(statistics.running() + statistics.paused()).isZero();
                assertThat(statistics.generatedTokensTotal())
                        .isEqualTo(participants.stream().mapToLong(participant -> participant.tokens().size()).sum());
            });
            clock.pass(Duration.ofHours(1));
            assertThat(clock.pending()).isZero();
            assertThat(pipelines.getLast().pipeline().cellsInUse())
                    .isEqualTo(pipelines.getLast().driver().statistics().keptTokens());
        }

        /** A reader with all that was agreed. */
        final class Participant extends Reader {
            final GenerationRequest request;
            private Optional<Generation> generation = Optional.empty();
            private boolean cancelled;
            private boolean paused;
            private boolean aside;

            Participant(GenerationRequest request) {
                this.request = request;
            }

            @Override
            public void onPause(String reason) {
                assertThat(hasEnded()).isFalse();
                paused = true;
            }

            @Override
            public void onResume() {
                assertThat(paused).as("only who was paused goes on").isTrue();
                paused = false;
            }

            @Override
            public void onToken(org.barnraiser.proto.SampledToken token) {
                assertThat(paused).as("a pause ends before the next token").isFalse();
                super.onToken(token);
            }

            void cancel() {
                cancelled |= !hasEnded();
                generation.orElseThrow().cancel();
                assertThat(hasEnded()).isTrue();
            }

            void setAside() {
                boolean could = !hasEnded() && !aside;
                assertThat(generation.orElseThrow().setAside()).isEqualTo(could);
                aside |= could;
            }

            void goOn() {
                aside = false;
                generation.orElseThrow().goOn();
            }

            private void assertWell() {
                FakeModel.Answer alone = FakeModel.answer(request, limits.contextTokens());
                assertThat(ends()).as("ends").hasSize(1);
                switch (ends().getFirst()) {
                    case GenerationEnd.Cancelled _ -> assertThat(cancelled).isTrue();
                    case GenerationEnd.Failed(String reason, boolean retryable) -> {
                        if (retryable) {
                            assertThat(reason).contains("Nothing changed within 60 s");
                        } else {
                            assertThat(reason).matches("The grammar allows no token\\.|The engine failed\\."
                                    + "|A gap in the cache\\.|The answer was given up after 8 attempts: .*");
                        }
                    }
                    case GenerationEnd.EndOfGeneration _,GenerationEnd.Length _ -> assertHeard(alone);
                }
                assertThat(alone.tokens().subList(0, tokens().size())).isEqualTo(tokens());
            }
        }
    }

    @Property(tries = 3000)
    void whatever_happens_every_answer_is_what_the_model_says_alone_or_ends_with_a_reason(
            @ForAll("limits") DriverLimits limits, @ForAll("moves") List<Move> moves) {
        World world = new World(limits);
        moves.forEach(world::play);
        world.settle();
        world.assertAllIsWell();
    }

    @Property(tries = 1000)
    void when_machines_only_come_and_go_every_answer_is_whole(@ForAll("limits") DriverLimits limits,
            @ForAll("comingAndGoing") List<Move> moves) {
        World world = new World(limits);
        int losses = 0;
        for (Move move : moves) {
            // More losses than an answer is given runners for would be somebody's fault.
            losses += move instanceof Move.Lose || move instanceof Move.Detach ? 1 : 0;
            if (losses < Generations.MAX_RUNNERS_IN_VAIN) {
                world.play(move);
            }
        }
        world.settle();
        world.assertAllIsWell();
        assertThat(world.participants).allSatisfy(
                reader -> reader.assertHeard(FakeModel.answer(reader.request, limits.contextTokens())));
    }

    @Property(tries = 300)
    void closing_ends_everyone_whatever_was_going_on(@ForAll("limits") DriverLimits limits,
            @ForAll("moves") List<Move> moves) {
        World world = new World(limits);
        moves.forEach(world::play);
        world.generations.close();
        assertThat(world.participants).allSatisfy(reader -> assertThat(reader.ends()).hasSize(1));
        world.pipelines.forEach(DrivenRunner::settle);
        assertThat(world.participants).allSatisfy(reader -> assertThat(reader.ends()).hasSize(1));
        assertThat(world.clock.pending()).isZero();
    }

    @Provide
    Arbitrary<DriverLimits> limits() {
        return AnyLimits.upTo(5, 40, 100, 6);
    }

    @Provide
    Arbitrary<List<Move>> moves() {
        return Arbitraries.frequencyOf(Tuple.of(6, starts()),
                Tuple.of(2, readers().map(Move.Cancel::new)),
                Tuple.of(2, readers().map(Move.SetAside::new)), Tuple.of(2, readers().map(Move.Resume::new)),
                Tuple.of(10, pipelines().map(Move.Send::new)), Tuple.of(10, pipelines().map(Move.Deliver::new)),
                Tuple.of(2, pipelines().map(Move.Lose::new)), Tuple.of(2, Arbitraries.of(new Move.Attach())),
                Tuple.of(2, Arbitraries.integers().between(0, 100).map(Move.Join::new)),
                Tuple.of(1, pipelines().map(Move.JoinAgain::new)),
                Tuple.of(1, pipelines().map(Move.AttachAgain::new)), Tuple.of(1, pipelines().map(Move.Detach::new)),
                Tuple.of(1, Arbitraries.of(new Move.Explain())), Tuple.of(1, pipelines().map(Move.FailStep::new)),
                Tuple.of(1, pipelines().map(Move.FailSpan::new)),
                Tuple.of(1, Arbitraries.integers().between(0, 30).map(Move.Wait::new))).list().ofMaxSize(150);
    }

    @Provide
    Arbitrary<List<Move>> comingAndGoing() {
        return Arbitraries.frequencyOf(Tuple.of(4, starts()), Tuple.of(2, readers().map(Move.SetAside::new)),
                Tuple.of(2, readers().map(Move.Resume::new)), Tuple.of(10, pipelines().map(Move.Send::new)),
                Tuple.of(10, pipelines().map(Move.Deliver::new)), Tuple.of(1, pipelines().map(Move.Lose::new)),
                Tuple.of(3, Arbitraries.of(new Move.Attach())), Tuple.of(1, pipelines().map(Move.Detach::new))).list()
                .ofMaxSize(150);
    }

    private static Arbitrary<Move> starts() {
        Arbitrary<Integer> part = Arbitraries.integers().between(0, 1000);
        return Combinators.combine(part, part).as(Move.Start::new);
    }

    private static Arbitrary<Integer> readers() {
        return Arbitraries.integers().between(0, 50);
    }

    /** Mostly the newest one. */
    private static Arbitrary<Integer> pipelines() {
        return Arbitraries.frequency(Tuple.of(8, 0), Tuple.of(2, 1), Tuple.of(1, 2));
    }
}

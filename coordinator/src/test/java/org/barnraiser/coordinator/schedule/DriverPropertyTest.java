package org.barnraiser.coordinator.schedule;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever happens in whatever order, the rules hold. The pipeline's own checks run in every step. */
class DriverPropertyTest {

    /** One thing that may happen. */
    sealed interface Move {
        /** Lengths are parts of what the context allows, in per mille. */
        record Submit(int promptPart, int answerPart) implements Move {}

        /** One of two families that begin alike. */
        record SubmitAlike(int family, int sharedPart, int promptPart, int answerPart) implements Move {}

        record SubmitNextTurn(int who, int newTokens, int answerPart) implements Move {}

        record Cancel(int who) implements Move {}

        record SendStep() implements Move {}

        record DeliverResult() implements Move {}

        record FailNextStep() implements Move {}

        record FailNextSpan() implements Move {}
    }

    private static void play(Simulation simulation, DriverLimits limits, Move move) {
        switch (move) {
            case Move.Submit(int promptPart, int answerPart) -> {
                int prompt = 1 + promptPart * (limits.contextTokens() - 2) / 1000;
                simulation.submit(prompt, 1 + answerPart * limits.contextTokens() / 1000);
            }
            case Move.SubmitAlike(int family, int sharedPart, int promptPart, int answerPart) -> {
                int prompt = 1 + promptPart * (limits.contextTokens() - 2) / 1000;
                simulation.submitAlike(family, sharedPart * prompt / 1000, prompt,
                        1 + answerPart * limits.contextTokens() / 1000);
            }
            case Move.SubmitNextTurn(int who, int newTokens, int answerPart) -> {
                if (!simulation.participants().isEmpty()) {
                    simulation.submitNextTurn(
                            simulation.participants().get(who % simulation.participants().size()), newTokens,
                            1 + answerPart * limits.contextTokens() / 1000);
                }
            }
            case Move.Cancel(int who) -> {
                if (!simulation.participants().isEmpty()) {
                    simulation.participants().get(who % simulation.participants().size()).cancel();
                }
            }
            case Move.SendStep _ -> simulation.sendStep();
            case Move.DeliverResult _ -> simulation.deliverResult();
            case Move.FailNextStep _ -> simulation.pipeline().failNextStep();
            case Move.FailNextSpan _ -> simulation.pipeline().failNextSpan();
        }
    }

    @Property(tries = 1000)
    void every_reader_hears_what_the_model_says_alone_and_nothing_is_left_behind(
            @ForAll("limits") DriverLimits limits, @ForAll("peacefulMoves") List<Move> moves) {
        Simulation simulation = new Simulation(limits);
        moves.forEach(move -> play(simulation, limits, move));
        simulation.settle();
        simulation.assertAllIsWell();
        assertThat(simulation.participants()).allSatisfy(
                reader -> reader.assertHeard(FakeModel.answer(reader.request, limits.contextTokens())));
        assertThat(simulation.isLost()).isFalse();
    }

    @Property(tries = 2000)
    void cancellations_and_failures_touch_only_those_whom_they_concern(@ForAll("limits") DriverLimits limits,
            @ForAll("moves") List<Move> moves) {
        Simulation simulation = new Simulation(limits);
        moves.forEach(move -> play(simulation, limits, move));
        simulation.settle();
        simulation.assertAllIsWell();
    }

    @Property(tries = 500)
    void afterwards_there_is_room_for_as_many_of_the_largest_requests_as_ever(@ForAll("limits") DriverLimits limits,
            @ForAll("moves") List<Move> moves) {
        Simulation simulation = new Simulation(limits);
        moves.forEach(move -> play(simulation, limits, move));
        simulation.settle();
        Assume.that(!simulation.isLost());
        int room = Math.min(limits.slots(), limits.cacheTokens() / limits.contextTokens());
        for (int i = 0; i < room; i++) {
            simulation.submit(limits.contextTokens() - 1, 1);
        }
        assertThat(simulation.driver().statistics().running()).isEqualTo(room);
        simulation.settle();
        simulation.assertAllIsWell();
    }

    @Property(tries = 500)
    void when_the_pipeline_is_lost_everyone_hears_one_end_and_nothing_is_sent(@ForAll("limits") DriverLimits limits,
            @ForAll("moves") List<Move> moves) {
        Simulation simulation = new Simulation(limits);
        moves.forEach(move -> play(simulation, limits, move));
        List<Simulation.Participant> live = simulation.participants().stream().filter(reader -> !reader.hasEnded())
                .toList();
        Assume.that(!simulation.isLost());
        simulation.driver().onPipelineLost("A worker went away.");
        simulation.driver().onPipelineLost("A second reason.");
        assertThat(live).allSatisfy(
                reader -> assertThat(reader.interruptions()).containsExactly("A worker went away."));
        assertThat(simulation.participants()).allSatisfy(
                reader -> assertThat(reader.ends().size() + reader.interruptions().size()).isEqualTo(1));
        assertThat(simulation.sendStep()).isFalse();
        assertThat(simulation.driver().lostReason()).contains("A worker went away.");
    }

    @Provide
    Arbitrary<DriverLimits> limits() {
        return AnyLimits.upTo(6, 60, 120, 8);
    }

    @Provide
    Arbitrary<List<Move>> peacefulMoves() {
        return Arbitraries.frequencyOf(Tuple.of(3, submissions()), Tuple.of(4, Arbitraries.of(new Move.SendStep())),
                Tuple.of(4, Arbitraries.of(new Move.DeliverResult()))).list().ofMaxSize(120);
    }

    @Provide
    Arbitrary<List<Move>> moves() {
        return Arbitraries.frequencyOf(Tuple.of(6, submissions()),
                Tuple.of(2, Arbitraries.integers().between(0, 50).map(Move.Cancel::new)),
                Tuple.of(8, Arbitraries.of(new Move.SendStep())), Tuple.of(8, Arbitraries.of(new Move.DeliverResult())),
                Tuple.of(1, Arbitraries.of(new Move.FailNextStep(), new Move.FailNextSpan()))).list().ofMaxSize(120);
    }

    private static Arbitrary<Move> submissions() {
        Arbitrary<Integer> part = Arbitraries.integers().between(0, 1000);
        Arbitrary<Integer> who = Arbitraries.integers().between(0, 50);
        return Arbitraries.oneOf(Combinators.combine(part, part).as(Move.Submit::new),
                Combinators.combine(Arbitraries.integers().between(0, 1), part, part, part).as(Move.SubmitAlike::new),
                Combinators.combine(who, Arbitraries.integers().between(1, 9), part).as(Move.SubmitNextTurn::new));
    }
}

package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.SampledToken;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GenerationsTest {
    private static final int CONTEXT = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final FakeClock clock = new FakeClock();
    private final Generations generations = new Generations(new GenerationLimits(CONTEXT, 3, PATIENCE), clock, clock);
    private final ScriptedRunner first = new ScriptedRunner();
    private final ScriptedRunner second = new ScriptedRunner();
    private final GenerationRequest request = FakeModel.endlessRequest(1, 3, 4);

    /** A reader that also hears of pauses. */
    private static class PatientReader extends Reader {
        final List<String> pauses = new ArrayList<>();
        int resumes;

        @Override
        public void onPause(String reason) {
            pauses.add(reason);
        }

        @Override
        public void onResume() {
            resumes++;
        }
    }

    private PatientReader start(GenerationRequest asked) throws ModelUnavailableException {
        PatientReader reader = new PatientReader();
        generations.start(asked, reader);
        return reader;
    }

    private void assertWhole(Reader reader, GenerationRequest asked) {
        reader.assertHeard(FakeModel.answer(asked, CONTEXT));
    }

    @Test
    void an_answer_keeps_its_adapters_wherever_it_goes_on() throws Exception {
        var adapters = List.of(AdapterUse.newBuilder().setDigest("a".repeat(64)).setScale(0.5f).build());
        generations.attach(first);
        start(new GenerationRequest(request.promptTokens(), request.maxTokens(),
                request.sampling().toBuilder().addAllAdapters(adapters).build()));
        first.last().step();
        first.end("Worker w2 is gone.");
        generations.attach(second);
        assertThat(second.last().sequence.tokens().length()).isEqualTo(request.promptTokens().length() + 1);
        assertThat(second.last().sequence.sampling().getAdaptersList()).isEqualTo(adapters);
    }

    @Test
    void an_answer_whose_runner_is_lost_goes_on_with_the_next_one_and_no_token_is_lost_or_told_twice()
            throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.last().step().step();
        first.end("Worker w2 is gone.");
        assertThat(reader.pauses).containsExactly("Worker w2 is gone.");
        assertThat(generations.statistics()).isEqualTo(new GenerationStatistics(0, 1, 2, 0));

        generations.attach(second);
        assertThat(second.last().sequence.tokens().length()).isEqualTo(5);
        assertThat(second.last().sequence.generatedFromPosition()).isEqualTo(3);
        assertThat(second.last().sequence.remainingTokens()).isEqualTo(2);
        assertThat(second.last().sequence.sampling()).isEqualTo(request.sampling());
        assertThat(reader.resumes).isZero();
        second.last().step();
        assertThat(reader.resumes).isEqualTo(1);
        second.last().step();
        assertWhole(reader, request);
        assertThat(generations.statistics()).isEqualTo(new GenerationStatistics(0, 0, 4, 1));
        assertThat(clock.pending()).isZero();
    }

    @Test
    void an_answer_that_is_set_aside_frees_its_runner_and_goes_on_from_its_tokens_when_it_may() throws Exception {
        generations.attach(first);
        PatientReader reader = new PatientReader();
        Generation answer = generations.start(request, reader);
        first.last().step().step();
        assertThat(answer.setAside()).isTrue();
        assertThat(answer.setAside()).as("once is enough").isFalse();
        assertThat(first.last().cancelled).isTrue();
        first.last().step();
        assertThat(reader.tokens()).as("what is said late is void").hasSize(2);
        assertThat(reader.pauses)
                .containsExactly("Somebody else's question goes first; this answer goes on in a moment.");
        generations.attach(second);
        clock.pass(PATIENCE.multipliedBy(2));
        assertThat(second.runs).as("others are still at it").isEmpty();

        answer.goOn();
        answer.goOn();
        assertThat(second.runs).hasSize(1);
        assertThat(second.last().sequence.tokens().length()).isEqualTo(5);
        second.last().step().step();
        assertThat(reader.resumes).isEqualTo(1);
        assertWhole(reader, request);
        assertThat(answer.setAside()).as("it is over").isFalse();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void the_state_of_the_sampler_goes_along() throws Exception {
        GenerationRequest mirostat = FakeModel.mirostatRequest(1, 3, 20);
        PatientReader reader = start(mirostat);
        while (!reader.hasEnded()) {
            ScriptedRunner next = new ScriptedRunner();
            generations.attach(next);
            next.last().step();
            next.end("Worker w2 is gone.");
        }
        assertWhole(reader, mirostat);
    }

    @Test
    void what_the_former_runner_says_late_changes_nothing() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.last().step();
        generations.attach(second);
        assertThat(first.last().cancelled).isTrue();
        first.last().step();
        first.last().listener.onInterrupted("Worker w2 is gone.");
        first.last().listener.onEnd(new GenerationEnd.Cancelled());
        assertThat(reader.tokens()).hasSize(1);
        assertThat(reader.pauses).as("a move is no pause").isEmpty();
        second.last().step().step().step();
        assertWhole(reader, request);
    }

    @Test
    void two_losses_in_a_row_are_one_pause() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.last().step();
        first.end("Worker w2 is gone.");
        generations.attach(second);
        second.end("Worker w3 is gone.");
        assertThat(reader.pauses).containsExactly("Worker w2 is gone.",
                "Other machines have taken over and are reading up to here.", "Worker w3 is gone.");
        ScriptedRunner third = new ScriptedRunner();
        generations.attach(third);
        third.last().step().step().step();
        assertThat(reader.resumes).isEqualTo(1);
        assertWhole(reader, request);
    }

    @Test
    void those_who_were_running_go_before_those_who_come_while_the_next_runner_is_attached() throws Exception {
        generations.attach(first);
        start(FakeModel.endlessRequest(1, 3, 4));
        start(FakeModel.endlessRequest(2, 3, 4));
        first.end("Worker w2 is gone.");
        second.whileRunning(() -> {
            try {
                start(FakeModel.endlessRequest(3, 3, 4));
            } catch (ModelUnavailableException e) {
                throw new AssertionError(e);
            }
        });
        generations.attach(second);
        assertThat(second.runs).extracting(run -> run.sequence.sampling().getSeed()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void tokens_that_come_before_the_runner_has_said_yes_are_heard() throws Exception {
        generations.attach(first);
        first.whileRunning(() -> first.last().step().step().step().step());
        PatientReader reader = start(request);
        assertWhole(reader, request);
    }

    @Test
    void an_answer_that_is_cancelled_while_the_runner_takes_it_in_is_cancelled_there() throws Exception {
        List<Generation> handles = new ArrayList<>();
        PatientReader reader = new PatientReader();
        handles.add(generations.start(request, reader));
        first.whileRunning(() -> handles.getFirst().cancel());
        generations.attach(first);
        assertThat(first.last().cancelled).isTrue();
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Cancelled());
    }

    @Test
    void a_paused_answer_can_be_cancelled_and_frees_its_place() throws Exception {
        PatientReader reader = new PatientReader();
        Generation generation = generations.start(request, reader);
        generation.cancel();
        generation.cancel();
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Cancelled());
        generations.attach(first);
        assertThat(first.runs).isEmpty();
        assertThat(generations.statistics().paused()).isZero();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void patience_ends_in_a_failure_that_may_be_tried_again_and_says_why() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.end("Worker w2 is gone.");
        generations.explain("Layers 20–31 have no machine: 6.2 GB more needed.");
        assertThat(reader.pauses).containsExactly("Worker w2 is gone.",
                "Layers 20–31 have no machine: 6.2 GB more needed.");
        clock.pass(PATIENCE.minusMillis(1));
        assertThat(reader.ends()).isEmpty();
        clock.pass(Duration.ofMillis(1));
        assertThat(reader.ends()).containsExactly(new GenerationEnd.Failed("Layers 20–31 have no machine: 6.2 GB more"
                + " needed. Nothing changed within 60 s; ask again later.", true));
        assertThat(generations.statistics().paused()).isZero();
    }

    @Test
    void patience_is_for_waiting_and_not_for_being_computed_and_each_token_renews_it() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.end("Worker w2 is gone.");
        clock.pass(Duration.ofSeconds(40));
        generations.attach(second);
        clock.pass(Duration.ofHours(1));
        generations.detach(second, "Worker w3 is gone.");
        clock.pass(Duration.ofSeconds(19));
        assertThat(reader.ends()).isEmpty();
        ScriptedRunner third = new ScriptedRunner();
        generations.attach(third);
        third.last().step();
        generations.detach(third, "Worker w4 is gone.");
        clock.pass(Duration.ofSeconds(59));
        assertThat(reader.ends()).isEmpty();
        clock.pass(Duration.ofSeconds(1));
        assertThat(reader.ends()).hasSize(1);
    }

    @Test
    void too_many_answers_are_refused_also_while_all_are_paused() throws Exception {
        start(request);
        start(request);
        start(request);
        assertThatThrownBy(() -> start(request)).isInstanceOfSatisfying(ModelUnavailableException.class,
                e -> assertThat(e.isQueueFull()).isTrue());
        assertThatThrownBy(() -> start(FakeModel.request(1, CONTEXT, 1))).isInstanceOf(PromptTooLongException.class);
    }

    @Test
    void a_runner_that_is_full_is_asked_again_when_it_has_room_and_nobody_overtakes() throws Exception {
        first.refuse(ModelUnavailableException.queueFull("Too many.", 5));
        generations.attach(first);
        PatientReader reader = start(FakeModel.endlessRequest(1, 3, 4));
        start(FakeModel.endlessRequest(2, 3, 4));
        assertThat(reader.pauses).isEmpty();
        first.refuseNoMore();
        clock.pass(Duration.ofSeconds(1));
        assertThat(first.runs).extracting(run -> run.sequence.sampling().getSeed()).containsExactly(1L, 2L);
    }

    @Test
    void a_runner_that_stays_full_uses_up_the_patience() throws Exception {
        first.refuse(ModelUnavailableException.queueFull("Too many.", 5));
        generations.attach(first);
        PatientReader reader = start(request);
        clock.pass(PATIENCE);
        assertThat(reader.ends()).singleElement().isInstanceOfSatisfying(GenerationEnd.Failed.class,
                end -> assertThat(end.reason()).contains("too much to do"));
    }

    @Test
    void a_runner_that_has_ended_already_leaves_everyone_paused_for_its_reason() throws Exception {
        first.end("Worker w2 is gone.");
        PatientReader reader = start(request);
        generations.attach(first);
        assertThat(reader.pauses).last().isEqualTo("Worker w2 is gone.");
        generations.attach(second);
        assertThat(second.runs).hasSize(1);
    }

    @Test
    void a_runner_that_gives_back_at_once_whatever_it_takes_is_not_asked_in_a_tight_loop() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        clock.pass(Duration.ZERO);
        int asked = 0;
        for (int i = 0; i < 100; i++) {
            if (first.runs.size() > asked) {
                asked = first.runs.size();
                first.last().listener.onInterrupted("No pipeline is ready.");
            }
            clock.pass(Duration.ofSeconds(1));
        }
        assertThat(asked).isBetween(5, 70);
        assertThat(reader.ends()).singleElement().isInstanceOf(GenerationEnd.Failed.class);
    }

    @Test
    void an_answer_that_is_lost_with_every_runner_and_never_gets_a_token_is_given_up() throws Exception {
        PatientReader reader = start(request);
        for (int i = 0; i < Generations.MAX_RUNNERS_IN_VAIN; i++) {
            assertThat(reader.ends()).isEmpty();
            ScriptedRunner next = new ScriptedRunner();
            generations.attach(next);
            next.end("Worker w2 crashed.");
        }
        assertThat(reader.ends()).containsExactly(
                new GenerationEnd.Failed("The answer was given up after 8 attempts: Worker w2 crashed.", false));
    }

    @Test
    void a_runner_that_loses_its_place_does_not_get_away_with_it() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.last().step();
        first.last().listener.onToken(SampledToken.newBuilder().setToken(1).setPosition(3).build(), 0);
        assertThat(first.runs.getFirst().cancelled).isTrue();
        assertThat(first.runs).hasSize(2);
        first.last().step().step().step();
        assertWhole(reader, request);
    }

    @Test
    void the_last_token_is_the_end_even_if_the_runner_is_lost_before_it_says_so() throws Exception {
        generations.attach(first);
        PatientReader reader = start(request);
        first.last().step().step().step().step();
        first.end("Worker w2 is gone.");
        assertWhole(reader, request);
    }

    @Test
    void the_loss_of_another_runner_is_none_of_ours() throws Exception {
        generations.attach(second);
        PatientReader reader = start(request);
        generations.detach(first, "Worker w2 is gone.");
        generations.explain("Worker w2 is gone.");
        assertThat(reader.pauses).isEmpty();
        assertThat(second.last().cancelled).isFalse();
    }

    @Test
    void a_listener_that_throws_is_cancelled_and_harms_nobody_else() throws Exception {
        generations.attach(first);
        PatientReader rude = new PatientReader() {
            @Override
            public void onToken(SampledToken token) {
                throw new IllegalStateException("no");
            }
        };
        generations.start(request, rude);
        ScriptedRunner.Run run = first.last();
        PatientReader other = start(request);
        run.step();
        assertThat(run.cancelled).isTrue();
        assertThat(rude.ends()).containsExactly(new GenerationEnd.Cancelled());
        first.last().step().step().step().step();
        assertWhole(other, request);
    }

    @Test
    void closing_ends_everyone_and_takes_nobody_in() throws Exception {
        generations.attach(first);
        PatientReader running = start(request);
        generations.close();
        generations.close();
        assertThat(running.ends()).containsExactly(new GenerationEnd.Failed("The coordinator is stopping.", true));
        assertThat(first.last().cancelled).isTrue();
        assertThatThrownBy(() -> start(request)).isInstanceOf(ModelUnavailableException.class);
        generations.attach(second);
        assertThat(second.runs).isEmpty();
        assertThat(clock.pending()).isZero();
    }

    @Test
    void answers_are_shared_out_among_runners_that_join_and_those_of_one_that_is_lost_go_on_with_the_others()
            throws Exception {
        generations.join(first, 0);
        generations.join(second, 0);
        PatientReader one = start(request);
        PatientReader other = start(request);
        assertThat(first.runs).hasSize(1);
        assertThat(second.runs).hasSize(1);
        first.last().step();
        second.last().step().step();
        second.end("Worker w2 is gone.");
        assertThat(first.runs).as("the one that gave it back refuses it, and the other one is asked").hasSize(2);
        assertThat(first.last().sequence.tokens().length()).isEqualTo(5);
        assertThat(other.pauses).isEmpty();
        first.last().step().step();
        assertWhole(other, request);
        first.runs.getFirst().step().step().step();
        assertWhole(one, request);
    }

    @Test
    void one_runner_that_is_taken_away_stops_nobody_while_there_is_another_one() throws Exception {
        generations.join(first, 0);
        generations.join(second, 0);
        PatientReader one = start(request);
        first.last().step();
        generations.detach(first, "The model is moving to other machines.");
        assertThat(first.last().cancelled).isTrue();
        assertThat(generations.hasRunner()).isTrue();
        assertThat(second.last().sequence.tokens().length()).isEqualTo(4);
        generations.detach(second, "Worker w2 is gone.");
        assertThat(generations.hasRunner()).isFalse();
        assertThat(one.pauses).containsExactly("Worker w2 is gone.");
        generations.join(first, 0);
        first.last().step().step().step();
        assertWhole(one, request);
    }

    @Test
    void who_is_full_is_passed_over_for_another_one() throws Exception {
        generations.join(first, 0);
        generations.join(second, 0);
        first.refuse(Driver.queueFull());
        PatientReader one = start(request);
        assertThat(second.runs).hasSize(1);
        second.last().step().step().step().step();
        assertWhole(one, request);
    }

    @Test
    void an_answer_that_breaks_every_runner_is_given_up_though_there_are_several() throws Exception {
        generations.join(first, 0);
        PatientReader reader = start(request);
        int lost = 0;
        ScriptedRunner present = first;
        while (present.runs.size() == 1) {
            ScriptedRunner next = new ScriptedRunner();
            generations.join(next, 0);
            present.end("Worker w2 is gone.");
            present = next;
            lost++;
        }
        assertThat(lost).isEqualTo(Generations.MAX_RUNNERS_IN_VAIN);
        assertThat(reader.hasEnded()).isTrue();
    }
}

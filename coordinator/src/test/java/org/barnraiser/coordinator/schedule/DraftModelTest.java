package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A draft model's guesses change how many steps an answer takes, and nothing else. */
class DraftModelTest extends DriverFixture {
    private static final DriverLimits ALWAYS = limits(Speculation.of("4"));

    /** Of a draft model that is always right: the next token is what the model itself says. */
    private static final IntUnaryOperator RIGHT = IntUnaryOperator.identity();

    private static DriverLimits limits(Speculation speculation) {
        return new DriverLimits(3, 5, 200, 600, 64, 3, 20, 1000, DriverLimits.DEFAULT_LEAST_SILENCE, true,
                speculation);
    }

    /** A driver, its pipeline, its draft model, and what is on its way between them. */
    private final class House {
        final Driver driver;
        final InMemoryPipeline pipeline;
        final DraftModel model;
        final DraftTwin twin;
        final Queue<StepResult> drafts = new ArrayDeque<>();
        /** Who asked first. */
        final Reader reader = new Reader();
        private long steps;

        House(DriverLimits limits, IntUnaryOperator opinion) {
            driver = new Driver(EPOCH, limits, ticker(), (_, _) -> ImmutableIntArray.of());
            pipeline = new InMemoryPipeline(EPOCH, limits);
            model = new DraftModel(EPOCH, limits, limits.contextTokens(), ticker());
            twin = new DraftTwin(limits, opinion);
            driver.ask(model);
        }

        /** Takes the first question. */
        House asked(GenerationRequest request) throws Exception {
            submit(request, reader);
            return this;
        }

        Generation submit(GenerationRequest request, Reader reader) throws Exception {
            return driver.submit(ResumableSequence.of(request), reader);
        }

        boolean send() {
            var step = driver.nextStep();
            step.ifPresent(pipeline::send);
            steps += step.isPresent() ? 1 : 0;
            return step.isPresent();
        }

        boolean deliver() {
            nanos.addAndGet(1_000_000);
            var result = pipeline.takeResult();
            result.ifPresent(driver::onResult);
            return result.isPresent();
        }

        boolean sendDraft() {
            var step = model.nextStep();
            step.map(twin::compute).ifPresent(drafts::add);
            return step.isPresent();
        }

        boolean deliverDraft() {
            StepResult result = drafts.poll();
            if (result != null) {
                nanos.addAndGet(1_000_000);
                driver.goOn(model.onResult(result));
            }
            return result != null;
        }

        /** Everything moves until nothing does. */
        void settle() {
            while (Stream.<BooleanSupplier>of(this::send, this::deliver, this::sendDraft, this::deliverDraft)
                    .filter(BooleanSupplier::getAsBoolean).count() > 0 && driver.lostReason().isEmpty()) {
                assertThat(drafts.size()).as("steps of the draft model on their way").isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void guesses_that_are_right_save_steps() throws Exception {
        GenerationRequest request = FakeModel.endlessRequest(1, 9, 100);
        House with = new House(ALWAYS, RIGHT).asked(request);
        House without = new House(limits(Speculation.OFF), RIGHT).asked(request);
        with.settle();
        with.reader.assertHeard(FakeModel.answer(request, 200));
        without.settle();
        assertThat(with.steps * 4).isLessThan(without.steps);
        assertThat(with.driver.statistics().acceptedTokensTotal())
                .isEqualTo(with.driver.statistics().draftedTokensTotal()).isGreaterThan(70);
    }

    @Test
    void guesses_that_are_wrong_cost_no_token_and_are_given_up() throws Exception {
        GenerationRequest request = FakeModel.endlessRequest(1, 9, 150);
        House house = new House(limits(Speculation.AUTO), token -> token + 1).asked(request);
        house.settle();
        house.reader.assertHeard(FakeModel.answer(request, 200));
        assertThat(house.driver.statistics().acceptedTokensTotal()).isZero();
        assertThat(house.driver.statistics().draftedTokensTotal()).isLessThan(150);
    }

    @Test
    void a_long_prompt_is_read_there_while_its_answer_goes_on() throws Exception {
        House house = new House(ALWAYS, RIGHT).asked(FakeModel.endlessRequest(1, 150, 40));
        house.send();
        house.send();
        house.send();
        while (house.deliver()) {
            house.send();
            if (house.reader.tokens().size() >= 2) {
                break;
            }
        }
        assertThat(house.reader.tokens()).as("did not wait for the prompt to be read").hasSize(2);
        house.settle();
        assertThat(house.reader.tokens()).hasSize(40);
        assertThat(house.driver.statistics().acceptedTokensTotal()).isGreaterThan(20);
    }

    @Test
    void who_waits_too_long_goes_on_without() throws Exception {
        House house = new House(ALWAYS, RIGHT).asked(FakeModel.endlessRequest(1, 9, 40));
        house.send();
        house.deliver();
        Step asked = house.model.nextStep().orElseThrow();
        assertThat(house.driver.nextStep()).as("waits").isEmpty();
        assertThat(house.model.nanosToPatience()).isPositive();
        nanos.addAndGet(house.model.nanosToPatience());
        house.driver.goOn(house.model.expire());
        assertThat(house.model.nanosToPatience()).isEqualTo(Long.MAX_VALUE);
        assertThat(house.send()).isTrue();
        house.driver.goOn(house.model.onResult(house.twin.compute(asked)));
        house.settle();
        assertThat(house.reader.tokens()).hasSize(40);
    }

    @Test
    void a_draft_model_that_goes_away_lets_everybody_go_on() throws Exception {
        House house = new House(ALWAYS, RIGHT).asked(FakeModel.endlessRequest(1, 9, 40));
        house.send();
        house.deliver();
        assertThat(house.sendDraft()).isTrue();
        house.driver.ask(null);
        house.settle();
        assertThat(house.reader.tokens()).hasSize(40);
    }

    @Test
    void steps_that_fail_there_harm_nobody() throws Exception {
        GenerationRequest request = FakeModel.endlessRequest(1, 9, 60);
        House house = new House(ALWAYS, RIGHT).asked(request);
        for (int i = 0; i < 30; i++) {
            if (i % 3 == 0) {
                house.twin.failNextStep();
            }
            house.send();
            house.deliver();
            house.sendDraft();
            house.deliverDraft();
        }
        assertThat(house.model.isHopeless()).isFalse();
        house.settle();
        house.reader.assertHeard(FakeModel.answer(request, 200));
    }

    @Property(tries = 200)
    void answers_are_the_same_whatever_happens(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int wrongEvery)
            throws Exception {
        Random random = new Random(seed);
        House house = new House(limits(random.nextBoolean() ? Speculation.AUTO : Speculation.of("3")),
                token -> token % wrongEvery == 0 ? token + 1 : token);
        List<Reader> readers = new ArrayList<>();
        List<GenerationRequest> requests = new ArrayList<>();
        List<Generation> generations = new ArrayList<>();
        for (int move = 0; move < 400; move++) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (readers.size() < 12 && house.driver.lostReason().isEmpty()) {
                        requests.add(random.nextBoolean()
                                ? FakeModel.request(readers.size() + 1, 1 + random.nextInt(120), 40)
                                : FakeModel.endlessRequest(readers.size() + 1, 1 + random.nextInt(60), 60));
                        readers.add(new Reader());
                        generations.add(house.submit(requests.getLast(), readers.getLast()));
                    }
                }
                case 1 -> {
                    if (!generations.isEmpty() && random.nextInt(4) == 0) {
                        generations.get(random.nextInt(generations.size())).cancel();
                    }
                }
                case 2 -> {
                    if (random.nextInt(6) == 0) {
                        house.twin.failNextStep();
                    }
                }
                case 3 -> {
                    if (random.nextInt(8) == 0) {
                        house.pipeline.failNextStep();
                    }
                }
                case 4 -> {
                    nanos.addAndGet(random.nextInt(300_000_000));
                    house.driver.goOn(house.model.expire());
                }
                case 5, 6 -> house.send();
                case 7, 8 -> house.deliver();
                case 9, 10 -> house.sendDraft();
                default -> house.deliverDraft();
            }
        }
        house.settle();
        if (house.driver.lostReason().isEmpty()) {
            assertThat(house.model.sequences()).as("sequences that it still knows").isZero();
        }
        for (int i = 0; i < readers.size(); i++) {
            Reader reader = readers.get(i);
            FakeModel.Answer alone = FakeModel.answer(requests.get(i), 200);
            assertThat(alone.tokens().subList(0, reader.tokens().size())).isEqualTo(reader.tokens());
            boolean whole = reader.ends().stream().noneMatch(
                    end -> end instanceof GenerationEnd.Cancelled || end instanceof GenerationEnd.Failed);
            if (house.driver.lostReason().isEmpty() && whole) {
                reader.assertHeard(alone);
            }
        }
    }
}

package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class PipelineLoopTest {
    private static final long EPOCH = 5;
    private static final DriverLimits LIMITS = new DriverLimits(4, 64, 200, 16, 3, 4, 30_000);

    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close_everything() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    private PipelineLoop start(ThreadedPipeline pipeline, DriverLimits limits) {
        PipelineLoop loop = PipelineLoop.start("test", EPOCH, limits, pipeline::open);
        toClose.add(loop);
        return loop;
    }

    @Test
    void a_reader_hears_the_whole_answer() throws Exception {
        PipelineLoop loop = start(new ThreadedPipeline(EPOCH, LIMITS), LIMITS);
        GenerationRequest request = FakeModel.request(1, 30, 30);
        Reader reader = new Reader();
        loop.run(ResumableSequence.of(request), reader);
        reader.awaitEnd();
        reader.assertHeard(FakeModel.answer(request, LIMITS.contextTokens()));
    }

    @Test
    void a_reader_hears_how_much_is_remembered() throws Exception {
        PipelineLoop loop = start(new ThreadedPipeline(EPOCH, LIMITS), LIMITS);
        GenerationRequest request = FakeModel.request(1, 30, 30);
        for (int expected : List.of(0, 29)) {
            Reader reader = new Reader();
            loop.run(ResumableSequence.of(request), reader);
            reader.awaitEnd();
            reader.assertHeard(FakeModel.answer(request, LIMITS.contextTokens()));
            assertThat(reader.reused()).containsExactly(expected);
        }
    }

    @Test
    void many_readers_on_many_threads_hear_their_own_answers() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 1; i <= 200; i++) {
                long seed = i;
                done.add(readers.submit(() -> readOne(loop, seed)));
            }
            for (Future<?> one : done) {
                one.get(50, TimeUnit.SECONDS);
            }
        }
        assertThat(pipeline.breach()).isEmpty();
        await().untilAsserted(() -> {
            PipelineStatistics statistics = loop.statistics();
            assertThat(statistics.running() + statistics.waiting() + statistics.stepsInFlight()).isZero();
        });
    }

    /** Asks until it is taken in, and changes its mind in one case out of three. */
    private static void readOne(PipelineLoop loop, long seed) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        GenerationRequest request = FakeModel.request(seed, random.nextInt(1, 60), random.nextInt(1, 60));
        Reader reader = new Reader();
        Generation generation = await().pollInterval(Duration.ofMillis(5))
                .until(() -> tryGenerate(loop, request, reader), taken -> taken.size() == 1)
                .getFirst();
        FakeModel.Answer alone = FakeModel.answer(request, LIMITS.contextTokens());
        if (seed % 3 == 0) {
            generation.cancel();
            reader.awaitEnd();
            assertThat(reader.ends()).hasSize(1);
            assertThat(alone.tokens().subList(0, reader.tokens().size())).isEqualTo(reader.tokens());
        } else {
            reader.awaitEnd();
            reader.assertHeard(alone);
        }
    }

    private static List<Generation> tryGenerate(PipelineLoop loop, GenerationRequest request, Reader reader) {
        try {
            return List.of(loop.run(ResumableSequence.of(request), reader));
        } catch (ModelUnavailableException _) {
            return List.of();
        }
    }

    @Test
    void a_full_queue_refuses_the_callers_own_thread() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        pipeline.becomeReady(false);
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < LIMITS.maxSequences(); i++) {
            readers.add(new Reader());
            loop.run(ResumableSequence.of(FakeModel.request(i + 1, 3, 3)), readers.getLast());
        }
        assertThatThrownBy(() -> loop.run(ResumableSequence.of(FakeModel.request(9, 3, 3)), new Reader()))
                .isInstanceOf(ModelUnavailableException.class).hasMessageContaining("Too many readers");
        assertThatThrownBy(() -> loop.run(ResumableSequence.of(FakeModel.request(9, 64, 3)), new Reader()))
                .isInstanceOf(PromptTooLongException.class);

        pipeline.becomeReady(true);
        readers.forEach(Reader::awaitEnd);
        Reader late = new Reader();
        loop.run(ResumableSequence.of(FakeModel.request(9, 3, 3)), late);
        late.awaitEnd();
    }

    @Test
    void a_probe_is_a_real_token_through_every_stage() throws Exception {
        PipelineLoop loop = start(new ThreadedPipeline(EPOCH, LIMITS), LIMITS);
        loop.probe().get(10, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(loop.statistics().promptTokensTotal()).isEqualTo(1));
    }

    @Test
    void a_silent_pipeline_fails_its_probe_and_is_lost() throws Exception {
        DriverLimits impatient = new DriverLimits(4, 64, 200, 16, 3, 4, 50);
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, impatient);
        PipelineLoop loop = start(pipeline, impatient);
        pipeline.fallSilent();
        CompletableFuture<Void> probe = loop.probe();
        String reason = loop.lost().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(reason).isEqualTo("The pipeline gave no result for 50 ms.");
        assertThat(probe).isCompletedExceptionally();
        assertThatThrownBy(probe::join).hasCauseInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining(reason);
        assertThat(loop.probe()).isCompletedExceptionally();
        assertThat(pipeline.isClosed()).isTrue();
    }

    @Test
    void a_link_that_never_gets_ready_is_lost_too() throws Exception {
        DriverLimits impatient = new DriverLimits(4, 64, 200, 16, 3, 4, 50);
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, impatient);
        PipelineLoop loop = start(pipeline, impatient);
        pipeline.becomeReady(false);
        Reader reader = new Reader();
        loop.run(ResumableSequence.of(FakeModel.request(1, 3, 3)), reader);
        loop.lost().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(reader.interruptions()).hasSize(1);
    }

    @Test
    void a_broken_link_gives_every_sequence_back_with_its_reason() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        pipeline.becomeReady(false);
        Reader reader = new Reader();
        loop.run(ResumableSequence.of(FakeModel.request(1, 3, 3)), reader);
        pipeline.listener().onBroken("The worker in the reading room went away.");
        reader.awaitEnd();
        assertThat(reader.interruptions()).containsExactly("The worker in the reading room went away.");
        assertThat(loop.lost().toCompletableFuture().get(10, TimeUnit.SECONDS))
                .isEqualTo("The worker in the reading room went away.");
        assertThatThrownBy(() -> loop.run(ResumableSequence.of(FakeModel.request(2, 3, 3)), new Reader()))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessage("The worker in the reading room went away.");
    }

    @Test
    void a_link_that_throws_is_lost() throws Exception {
        PipelineLoop loop = PipelineLoop.start("test", EPOCH, LIMITS, _ -> new PipelineLink() {
            @Override
            public void send(org.barnraiser.proto.Step step) {
                throw new IllegalStateException("call already closed");
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void close() {
                throw new IllegalStateException("call already closed");
            }
        });
        toClose.add(loop);
        assertThat(loop.probe().handle((_, error) -> error).get(10, TimeUnit.SECONDS))
                .hasMessage("The link to the pipeline failed.");
    }

    @Test
    void a_flood_of_results_loses_the_pipeline_instead_of_filling_the_memory() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        CountDownLatch flooded = new CountDownLatch(1);
        loop.run(ResumableSequence.of(FakeModel.endlessRequest(1, 3, 3)), new Reader() {
            @Override
            public void onToken(SampledToken token) {
                awaitUninterruptibly(flooded);
            }
        });
        for (int i = 0; i < 10_000; i++) {
            pipeline.listener().onResult(StepResult.getDefaultInstance());
        }
        flooded.countDown();
        assertThat(loop.lost().toCompletableFuture().get(10, TimeUnit.SECONDS)).contains("far more results");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_listener_that_throws_is_cancelled_and_harms_nobody_else() throws Exception {
        PipelineLoop loop = start(new ThreadedPipeline(EPOCH, LIMITS), LIMITS);
        Reader rude = new Reader() {
            @Override
            public void onToken(SampledToken token) {
                throw new IllegalStateException("no");
            }

            @Override
            public void onEnd(GenerationEnd end) {
                super.onEnd(end);
                throw new IllegalStateException("no");
            }
        };
        GenerationRequest request = FakeModel.endlessRequest(2, 3, 60);
        Reader other = new Reader();
        loop.run(ResumableSequence.of(FakeModel.endlessRequest(1, 3, 60)), rude);
        loop.run(ResumableSequence.of(request), other);
        rude.awaitEnd();
        other.awaitEnd();
        assertThat(rude.ends()).containsExactly(new GenerationEnd.Cancelled());
        other.assertHeard(FakeModel.answer(request, LIMITS.contextTokens()));
    }

    @Test
    void a_cancelled_generation_frees_its_place() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        pipeline.becomeReady(false);
        for (int i = 0; i < 10 * LIMITS.maxSequences(); i++) {
            Reader reader = new Reader();
            Generation generation = loop.run(ResumableSequence.of(FakeModel.request(i + 1, 3, 3)), reader);
            generation.cancel();
            reader.awaitEnd();
            generation.cancel();
            assertThat(reader.ends()).containsExactly(new GenerationEnd.Cancelled());
        }
    }

    @Test
    void closing_gives_every_sequence_back_and_ends_the_link_and_is_not_a_loss() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        pipeline.becomeReady(false);
        Reader reader = new Reader();
        loop.run(ResumableSequence.of(FakeModel.request(1, 3, 3)), reader);
        loop.close();
        loop.close();
        assertThat(reader.interruptions()).containsExactly("The model is moving to other machines.");
        assertThat(pipeline.isClosed()).isTrue();
        assertThat(loop.lost().toCompletableFuture()).isNotDone();
        assertThatThrownBy(() -> loop.run(ResumableSequence.of(FakeModel.request(2, 3, 3)), new Reader()))
                .isInstanceOf(ModelUnavailableException.class);
    }

    @Test
    void whoever_is_taken_in_while_the_loop_closes_still_hears_one_end() throws Exception {
        for (int round = 0; round < 20; round++) {
            PipelineLoop loop = start(new ThreadedPipeline(EPOCH, LIMITS), LIMITS);
            List<Future<?>> done = new ArrayList<>();
            try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 1; i <= LIMITS.maxSequences(); i++) {
                    long seed = i;
                    done.add(readers.submit(() -> {
                        Reader reader = new Reader();
                        if (!tryGenerate(loop, FakeModel.endlessRequest(seed, 3, 60), reader).isEmpty()) {
                            reader.awaitEnd();
                            assertThat(reader.ends().size() + reader.interruptions().size()).isEqualTo(1);
                        }
                    }));
                }
                done.add(readers.submit(loop::close));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
    }

    @Test
    void a_listener_may_close_the_loop_that_calls_it() throws Exception {
        ThreadedPipeline pipeline = new ThreadedPipeline(EPOCH, LIMITS);
        PipelineLoop loop = start(pipeline, LIMITS);
        Reader reader = new Reader() {
            @Override
            public void onToken(SampledToken token) {
                loop.close();
            }
        };
        loop.run(ResumableSequence.of(FakeModel.endlessRequest(1, 3, 60)), reader);
        reader.awaitEnd();
        await().until(pipeline::isClosed);
    }
}

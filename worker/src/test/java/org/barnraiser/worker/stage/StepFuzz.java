package org.barnraiser.worker.stage;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.begin;
import static org.barnraiser.worker.stage.Steps.copy;
import static org.barnraiser.worker.stage.Steps.drop;
import static org.barnraiser.worker.stage.Steps.greedy;
import static org.barnraiser.worker.stage.Steps.step;
import static org.barnraiser.worker.stage.Steps.verify;
import static org.barnraiser.worker.stage.Steps.warm;

/**
 * Steps as a hostile neighbour might send them: sound ones with some bytes changed, decoded and computed by a real engine in this very
 * process. Normally always the same ones; {@code mvn test -Dtest=StepFuzz -Dbarnraiser.fuzz.steps=1000000} tries others.
 */
class StepFuzz {
    private static final int USUAL_STEPS = 3_000;
    private static final int STEPS = Integer.getInteger("barnraiser.fuzz.steps", USUAL_STEPS);
    private static final int[] TELLING = {0, 1, 0x7f, 0x80, 0xff};
    private static final StageSettings SETTINGS = new StageSettings(4, 200, 256, 64, 1, 0);

    private final SplittableRandom random = STEPS == USUAL_STEPS ? new SplittableRandom(7) : new SplittableRandom();

    @Test
    void whatever_a_neighbour_sends_is_refused_or_computed_and_the_engine_goes_on() throws Exception {
        TestModel model = TestModel.stories();
        try (StageEngine engine = StageEngine.open(TestModel.bundledLibrary(), model.file(), model.spec(true, true),
                Optional.of(model.embedding()), SETTINGS, Long.MAX_VALUE)) {
            StepResult before = run(engine, sound().getFirst());
            int undecodable = 0;
            int refused = 0;
            int computed = 0;
            for (int i = 0; i < STEPS; i++) {
                List<Step> sound = sound();
                byte[] bytes = mutant(sound.get(random.nextInt(sound.size())).toByteArray());
                try {
                    StepResult result = run(engine, Step.parseFrom(bytes));
                    refused += result.hasFailure() ? 1 : 0;
                    computed += result.hasFailure() ? 0 : 1;
                } catch (InvalidProtocolBufferException _) {
                    undecodable++;
                }
            }
            System.out.println("STEPS undecodable " + undecodable + ", refused " + refused + ", computed " + computed);
            assertThat(undecodable).isGreaterThan(STEPS / 50);
            assertThat(refused).isGreaterThan(STEPS / 50);
            assertThat(computed).isGreaterThan(STEPS / 50);
            assertThat(run(engine, sound().getFirst()).getSpansList()).isEqualTo(before.getSpansList());
        }
    }

    private static StepResult run(StageEngine engine, Step step) {
        return engine.finish(step, StagePlace.ALONE, 0);
    }

    /** What a coordinator sends: each is right in whatever state the engine is. */
    private static List<Step> sound() {
        return List.of(
                add(step(1).addEdits(drop(0, 0, 0)).addEdits(begin(0, 5, greedy())), 0, 0, Wanted.SAMPLE, 1, 5, 6, 7, 8)
                        .build(),
                add(add(step(2).addEdits(drop(1, 0, 0)).addEdits(drop(2, 0, 0))
                        .addEdits(begin(1, 2, warm(3).setTopK(5).setMinP(0.1f))), 1, 0, Wanted.SAMPLE, 9, 10), 2, 0,
                        Wanted.NOTHING, 11, 12, 13).build(),
                verify(step(3).addEdits(drop(3, 0, 0))
                        .addEdits(begin(3, 4, greedy().setLogprobs(true).setTopLogprobs(5))),
                        3, 0, 2, 1, 20, 21, 22).build(),
                add(step(4).addEdits(drop(0, 0, 0)).addEdits(drop(1, 0, 0)).addEdits(begin(1, 1, greedy()
                        .setGrammar("root ::= [a-z]+").setMirostat(2).setDryMultiplier(1).addDrySequenceBreakers("x"))),
                        1, 0, Wanted.SAMPLE, 30).addEdits(copy(1, 2, 0)).build());
    }

    private byte[] mutant(byte[] sound) {
        byte[] bytes = sound;
        int changes = random.nextInt(1, 3);
        for (int i = 0; i < changes && bytes.length > 1; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> bytes[at] = (byte) random.nextInt();
                case 3, 4 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 5, 6, 7 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
                case 8 -> bytes = spliced(bytes, at, random.nextInt(bytes.length));
                default -> bytes = Arrays.copyOf(bytes, at);
            }
        }
        return bytes;
    }

    /** A part is put elsewhere once more. */
    private static byte[] spliced(byte[] bytes, int to, int from) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + bytes.length - from);
        System.arraycopy(bytes, to, longer, to + bytes.length - from, bytes.length - to);
        System.arraycopy(bytes, from, longer, to, bytes.length - from);
        return longer;
    }
}

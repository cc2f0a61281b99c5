package org.barnraiser.coordinator.follow;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.lead.TestLeader;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a leader says of one sequence, of whatever build it is. */
class RemoteGenerationTest {
    private static final ImmutableIntArray PROMPT = ImmutableIntArray.of(7, 8, 9);
    private static final int FIELD_OF_THE_FUTURE = 1_000;

    private final List<Integer> tokens = new ArrayList<>();
    private final List<GenerationEnd> ends = new ArrayList<>();
    private final RemoteGeneration generation = new RemoteGeneration(
            new ResumableSequence(PROMPT, PROMPT.length(), 5, SamplingParameters.getDefaultInstance(), 0),
            TestLeader.MODEL, new SequenceListener() {
                @Override
                public void onToken(SampledToken token, float mirostatMu) {
                    tokens.add(token.getToken());
                }

                @Override
                public void onEnd(GenerationEnd end) {
                    ends.add(end);
                }

                @Override
                public void onInterrupted(String reason) {
                    throw new AssertionError(reason);
                }
            }, reason -> {
                throw new AssertionError(reason);
            });

    private static GenerateEvent token(int token, int position) {
        return GenerateEvent.newBuilder().setSampled(GenerateEvent.Sampled.newBuilder()
                .setToken(SampledToken.newBuilder().setToken(token).setPosition(position))).build();
    }

    @Test
    void what_a_leader_of_a_newer_build_says_beyond_what_is_known_here_is_passed_over() {
        generation.onNext(GenerateEvent.newBuilder().setUnknownFields(UnknownFieldSet.newBuilder()
                .addField(FIELD_OF_THE_FUTURE, UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8("news")).build())
                .build()).build());
        generation.onNext(token(4, PROMPT.length()));
        assertThat(tokens).containsExactly(4);
        assertThat(ends).isEmpty();
    }

    @Test
    void an_event_that_says_nothing_at_all_ends_the_answer() {
        generation.onNext(GenerateEvent.getDefaultInstance());
        generation.onNext(token(4, PROMPT.length()));
        assertThat(tokens).isEmpty();
        assertThat(ends).singleElement().isInstanceOf(GenerationEnd.Failed.class);
    }
}

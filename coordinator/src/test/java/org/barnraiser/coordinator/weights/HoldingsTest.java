package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.barnraiser.proto.Holder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HoldingsTest {
    private static final String MODEL = "model";
    private static final ByteString A = ByteString.copyFromUtf8("a");
    private static final ByteString B = ByteString.copyFromUtf8("b");

    private final Holdings holdings = new Holdings(MODEL, false);

    @Test
    void holders_are_told_with_what_they_have_of_what_is_wanted_and_nobody_is_sent_to_itself() {
        holdings.put("i1", "w1", "one:1", Set.of(A));
        holdings.put("i2", "w2", "two:2", Set.of(A, B));
        holdings.put("i3", "w3", "three:3", Set.of(B));
        assertThat(holdings.holders(Set.of(A), "i2")).containsExactly(
                Holder.newBuilder().setWorkerId("w1").setAddress("one:1").addSha256(A).build());
        assertThat(holdings.copies(A)).isEqualTo(2);
        holdings.retain(Set.of("i3"));
        assertThat(holdings.copies(A)).isZero();
    }

    @Test
    void nobody_is_sent_to_a_worker_that_gives_no_sign_of_life() {
        holdings.put("i1", "w1", "one:1", Set.of(A));
        holdings.onSilent("i1");
        assertThat(holdings.holders(Set.of(A), "i2")).isEmpty();
        assertThat(holdings.copies(A)).isEqualTo(1);
        holdings.onReturn("i1");
        assertThat(holdings.holders(Set.of(A), "i2")).hasSize(1);
    }

    @Test
    void a_last_copy_must_stay_and_nothing_that_was_asked_with_it_counts_as_gone() {
        holdings.put("i1", "w1", "one:1", Set.of(A, B));
        holdings.put("i2", "w2", "two:2", Set.of(B));
        assertThat(holdings.release("i1", MODEL, Set.of(A, B))).containsExactly(A);
        assertThat(holdings.copies(B)).isEqualTo(2);
    }

    @Test
    void of_two_that_ask_for_the_same_one_must_keep_it() {
        holdings.put("i1", "w1", "one:1", Set.of(A));
        holdings.put("i2", "w2", "two:2", Set.of(A));
        assertThat(holdings.release("i1", MODEL, Set.of(A))).isEmpty();
        assertThat(holdings.release("i2", MODEL, Set.of(A))).containsExactly(A);
    }

    @Test
    void the_coordinators_own_files_are_a_copy() {
        Holdings here = new Holdings(MODEL, true);
        here.put("i1", "w1", "one:1", Set.of(A));
        assertThat(here.copies(A)).isEqualTo(2);
        assertThat(here.release("i1", MODEL, Set.of(A))).isEmpty();
        assertThat(here.copies(A)).isEqualTo(1);
    }

    @Test
    void another_model_keeps_nobody_from_making_room() {
        holdings.put("i1", "w1", "one:1", Set.of(A));
        assertThat(holdings.release("i1", "older", Set.of(A))).isEmpty();
        assertThat(holdings.copies(A)).isEqualTo(1);
    }

    /** Whoever asks in whatever order, every piece stays somewhere. */
    @Property(tries = 300)
    void no_order_of_requests_loses_a_piece(@ForAll @Size(20) List<@IntRange(max = 26) Integer> requests) {
        Holdings all = new Holdings(MODEL, false);
        ByteString[] pieces = {A, B, ByteString.copyFromUtf8("c")};
        for (int worker = 0; worker < 3; worker++) {
            all.put("i" + worker, "w" + worker, "x:1", Set.of(pieces));
        }
        for (int request : requests) {
            all.release("i" + request % 3, MODEL,
                    ImmutableSet.of(pieces[request / 3 % 3], pieces[request / 9 % 3]));
        }
        for (ByteString piece : pieces) {
            assertThat(all.copies(piece)).isPositive();
        }
    }
}

package org.barnraiser.coordinator.weights;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/** Models that nobody hosts at the moment: what is on one disk alone stays there. */
class IdleModelsTest {
    private static final String MODEL = "model";
    private static final ByteString A = ByteString.copyFromUtf8("a");
    private static final ByteString B = ByteString.copyFromUtf8("b");

    private final Map<String, Set<ByteString>> disks = new HashMap<>();
    private final AtomicLong nanos = new AtomicLong();
    private final IdleModels idle = new IdleModels("kept"::equals, this::census, new Ticker() {
        @Override
        public long read() {
            return nanos.get();
        }
    });

    private ImmutableMap<String, ImmutableSet<ByteString>> census(String model, String except) {
        assertThat(model).isEqualTo(MODEL);
        ImmutableMap.Builder<String, ImmutableSet<ByteString>> answers = ImmutableMap.builder();
        disks.forEach((incarnation, pieces) -> {
            if (!incarnation.equals(except)) {
                answers.put(incarnation, ImmutableSet.copyOf(pieces));
            }
        });
        return answers.buildOrThrow();
    }

    @Test
    void what_another_worker_has_may_go_and_what_none_has_stays() throws Exception {
        disks.put("i1", Set.of(A, B));
        disks.put("i2", Set.of(B));
        assertThat(idle.release("i1", MODEL, Set.of(A, B))).containsExactly(A);
        assertThat(idle.release("i1", MODEL, Set.of(B))).isEmpty();
    }

    @Test
    void who_does_not_answer_counts_as_having_nothing() throws Exception {
        disks.put("i1", Set.of(A));
        assertThat(idle.release("i1", MODEL, Set.of(A))).containsExactly(A);
    }

    @Test
    void of_two_that_ask_for_the_same_one_must_keep_it_although_the_other_still_has_it() throws Exception {
        disks.put("i1", Set.of(A));
        disks.put("i2", Set.of(A));
        assertThat(idle.release("i1", MODEL, Set.of(A))).isEmpty();
        assertThat(idle.release("i2", MODEL, Set.of(A))).containsExactly(A);
    }

    @Test
    void who_was_allowed_to_delete_something_and_did_not_is_a_holder_again_after_a_while() throws Exception {
        disks.put("i1", Set.of(A));
        disks.put("i2", Set.of(A));
        assertThat(idle.release("i1", MODEL, Set.of(A))).isEmpty();
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
        assertThat(idle.release("i2", MODEL, Set.of(A))).isEmpty();
    }

    @Test
    void of_a_model_that_is_kept_elsewhere_nothing_must_stay_and_nobody_is_asked() throws Exception {
        assertThat(idle.release("i1", "kept", Set.of(A))).isEmpty();
    }

    /** Whoever asks in whatever order, and deletes what it may at once or a little later, every piece stays somewhere. */
    @Property(tries = 300)
    void no_order_of_requests_loses_a_piece(@ForAll @Size(20) List<@IntRange(max = 53) Integer> requests)
            throws Exception {
        ByteString[] pieces = {A, B, ByteString.copyFromUtf8("c")};
        for (int worker = 0; worker < 3; worker++) {
            disks.put("i" + worker, new HashSet<>(Set.of(pieces)));
        }
        Map<String, Set<ByteString>> allowed = new HashMap<>();
        for (int request : requests) {
            String worker = "i" + request % 3;
            Set<ByteString> disk = requireNonNull(disks.get(worker));
            Set<ByteString> asked = Set.copyOf(Set.of(pieces[request / 3 % 3]));
            Set<ByteString> held = asked.stream().filter(disk::contains).collect(toImmutableSet());
            if (!held.isEmpty() && idle.release(worker, MODEL, held).isEmpty()) {
                if (request >= 27) {
                    disk.removeAll(held);
                } else {
                    allowed.computeIfAbsent(worker, _ -> new HashSet<>()).addAll(held);
                }
            }
        }
        allowed.forEach((worker, gone) -> requireNonNull(disks.get(worker)).removeAll(gone));
        for (ByteString piece : pieces) {
            assertThat(disks.values()).anySatisfy(there -> assertThat(there).contains(piece));
        }
    }
}

package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/** What a stream delivered, and how it ended. */
final class Received<T> implements StreamObserver<T> {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    final List<T> messages = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Status> end = new AtomicReference<>();

    T first() {
        return await(1).getFirst();
    }

    List<T> await(int count) {
        Awaitility.await().atMost(DEADLINE).until(() -> messages.size() >= count || end.get() != null);
        assertThat(messages).as("messages; the end: " + end.get()).hasSizeGreaterThanOrEqualTo(count);
        return messages;
    }

    Status awaitEnd() {
        Awaitility.await().atMost(DEADLINE).until(() -> end.get() != null);
        Status status = end.get();
        return status == null ? Status.OK : status;
    }

    boolean hasEnded() {
        return end.get() != null;
    }

    @Override
    public void onNext(T message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable error) {
        end.set(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
        end.set(Status.OK);
    }
}

package org.barnraiser.coordinator.fair;

import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;

/**
 * A pipeline in virtual time. A step takes the longer the more slots it serves and the more prompt tokens it reads, as measured ones
 * do; what clients do at certain times is part of the same time.
 */
final class Pipeline extends Ticker {
    private static final long STEP_NANOS = 20_000_000;
    private static final long PER_SLOT_NANOS = 2_000_000;
    private static final long PER_PROMPT_TOKEN_NANOS = 400_000;

    /** An answer that is being generated. */
    private static final class Running {
        final GenerationRequest request;
        final GenerationListener listener;
        int generated;
        boolean read;

        Running(GenerationRequest request, GenerationListener listener) {
            this.request = request;
            this.listener = listener;
        }
    }

    private record Event(long atNanos, long number, Runnable what) {}

    private final List<Running> running = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
    private final int slots;
    private long nowNanos;
    private long dueNanos;
    private long numbers;
    int mostAtOnce;
    int timesAside;

    Pipeline(int slots) {
        this.slots = slots;
    }

    @Override
    public long read() {
        return nowNanos;
    }

    /** When what happens now was to happen, which is before the end of the step that was under way. */
    long dueNanos() {
        return dueNanos;
    }

    /** Does something later. */
    void at(long delayNanos, Runnable what) {
        events.add(new Event(nowNanos + delayNanos, numbers++, what));
    }

    Generation generate(GenerationRequest request, GenerationListener listener) throws ModelUnavailableException {
        if (running.size() >= slots) {
            throw new AssertionError("more answers than slots");
        }
        Running answer = new Running(request, listener);
        running.add(answer);
        mostAtOnce = Math.max(mostAtOnce, running.size());
        return new Handle(answer);
    }

    /** An answer that was set aside is read anew, what was generated of it included. */
    private final class Handle implements Generation {
        private final Running answer;
        private boolean aside;

        Handle(Running answer) {
            this.answer = answer;
        }

        @Override
        public void cancel() {
            if (running.remove(answer) || aside) {
                aside = false;
                answer.listener.onEnd(new GenerationEnd.Cancelled());
            }
        }

        @Override
        public boolean setAside() {
            aside = running.remove(answer);
            timesAside += aside ? 1 : 0;
            return aside;
        }

        @Override
        public void goOn() {
            if (running.size() >= slots || !aside) {
                throw new AssertionError("more answers than slots, or one that was not set aside");
            }
            aside = false;
            answer.read = false;
            running.add(answer);
        }
    }

    /** Lets time pass up to here, step by step. */
    void runUntil(long endNanos) {
        while (nowNanos < endNanos) {
            while (!events.isEmpty() && events.peek().atNanos() <= nowNanos) {
                Event event = events.remove();
                dueNanos = event.atNanos();
                event.what().run();
            }
            if (running.isEmpty()) {
                nowNanos = events.isEmpty() ? endNanos : Math.max(nowNanos, events.peek().atNanos());
            } else {
                step();
            }
        }
    }

    private void step() {
        List<Running> served = List.copyOf(running);
        int prompt = served.stream().filter(answer -> !answer.read)
                .mapToInt(answer -> answer.request.promptTokens().length() + answer.generated)
                .sum();
        nowNanos += STEP_NANOS + served.size() * PER_SLOT_NANOS + prompt * PER_PROMPT_TOKEN_NANOS;
        for (Running answer : served) {
            answer.read = true;
            answer.generated++;
            answer.listener.onToken(SampledToken.newBuilder().setPosition(answer.generated).build());
            if (answer.generated >= answer.request.maxTokens() && running.remove(answer)) {
                answer.listener.onEnd(new GenerationEnd.Length());
            }
        }
    }

    static GenerationRequest request(int promptTokens, int answerTokens) {
        return new GenerationRequest(ImmutableIntArray.copyOf(new int[promptTokens]), answerTokens,
                SamplingParameters.getDefaultInstance());
    }
}

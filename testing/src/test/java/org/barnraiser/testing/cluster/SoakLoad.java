package org.barnraiser.testing.cluster;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Readers who ask one question after the other, each as soon as its last one is answered, and check every answer. */
final class SoakLoad {
    private static final Duration STUCK = Duration.ofMinutes(3);

    private final Readers readers;
    private final List<Question> questions;
    private final List<Answer> expected;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<Integer, URI> busy = new ConcurrentHashMap<>();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private final Queue<Pause> pauses = new ConcurrentLinkedQueue<>();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger stuck = new AtomicInteger();
    private volatile URI server;
    private volatile boolean ending;

    /** A time without text for one reader, as {@link System#nanoTime()} has it. */
    record Pause(long fromNanos, long toNanos) {
        Duration length() {
            return Duration.ofNanos(toNanos - fromNanos);
        }
    }

    /** How the answers were. */
    record Counts(int whole, int wrong, int lost, int stuck) {}

    /** @param expected the right answers to the questions */
    SoakLoad(Readers readers, URI server, List<Question> questions, List<Answer> expected) {
        this.readers = readers;
        this.server = server;
        this.questions = questions;
        this.expected = expected;
    }

    void start(int streams) {
        for (int stream = 0; stream < streams; stream++) {
            int mine = stream;
            threads.add(Thread.ofVirtual().name("soak-reader-" + stream).start(() -> read(mine)));
        }
    }

    private void read(int stream) {
        for (int next = stream; !ending; next++) {
            int number = next % questions.size();
            URI asked = server;
            busy.put(stream, asked);
            if (!asked.equals(server)) {
                continue; // They have just been told to go elsewhere.
            }
            long askedNanos = System.nanoTime();
            RunningAnswer running = readers.ask(asked, questions.get(number));
            try {
                judge(running.await(STUCK), number, askedNanos);
            } catch (TimeoutException e) {
                stuck.incrementAndGet();
                complaints.add("stuck: " + e.getMessage());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        busy.remove(stream);
    }

    private void judge(Answer answer, int number, long askedNanos) {
        if (!answer.isWhole()) {
            lost.incrementAndGet();
            complaints.add("lost: " + answer.summary());
        } else if (!answer.text().equals(expected.get(number).text())) {
            wrong.incrementAndGet();
            complaints.add("wrong: question " + number + ", differs from character "
                    + firstDifference(answer.text(), expected.get(number).text()) + " on: " + answer.summary());
        } else {
            whole.incrementAndGet();
        }
        long last = askedNanos;
        for (Answer.Piece piece : answer.pieces()) {
            pauses.add(new Pause(last, piece.nanos()));
            last = piece.nanos();
        }
    }

    private static int firstDifference(String one, String other) {
        int at = 0;
        while (at < Math.min(one.length(), other.length()) && one.charAt(at) == other.charAt(at)) {
            at++;
        }
        return at;
    }

    /** From their next question on, everybody asks this server. */
    void moveTo(URI next) {
        server = next;
    }

    URI server() {
        return server;
    }

    /** Whether a reader may still hear an answer from there. */
    boolean isHeardFrom(URI other) {
        return busy.containsValue(other);
    }

    /** Nobody asks any more; waits for the last answers. */
    void end() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    Counts counts() {
        return new Counts(whole.get(), wrong.get(), lost.get(), stuck.get());
    }

    /** What was wrong, without any text. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** The longest time that ended in this span without text for some reader. */
    Duration longestPause(long fromNanos, long toNanos) {
        return pauses.stream().filter(pause -> pause.toNanos() > fromNanos && pause.toNanos() <= toNanos)
                .map(Pause::length).max(Duration::compareTo).orElse(Duration.ZERO);
    }
}

package org.barnraiser.coordinator.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs checks side by side, each on a virtual thread, all until one deadline: what has not answered then is a finding too. */
final class Examination implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Duration time;
    private final long deadlineNanos;

    Examination(Duration time) {
        this.time = time;
        deadlineNanos = System.nanoTime() + time.toNanos();
    }

    /** Checks that have begun, in the order in which they are told. */
    record Begun(List<Check> checks, List<Future<List<Finding>>> answers) {}

    Begun begin(List<Check> checks) {
        return new Begun(List.copyOf(checks),
                checks.stream().map(check -> threads.submit(check::findings)).toList());
    }

    /** Waits for the checks' answers, but not longer than the deadline. */
    List<Finding> await(Begun begun) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < begun.checks().size(); i++) {
            findings.addAll(await(begun.checks().get(i), begun.answers().get(i)));
        }
        return findings;
    }

    private List<Finding> await(Check check, Future<List<Finding>> answer) throws InterruptedException {
        try {
            return answer.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return List.of(Finding.broken(check.subject(), "This had no answer after " + time.toSeconds() + " s.",
                    "See whether this machine or its network is overloaded, and try again."));
        } catch (ExecutionException e) {
            return List.of(Finding.broken(check.subject(), "This could not be checked: " + e.getCause() + ".",
                    "Report it: that is a mistake in Barnraiser."));
        }
    }

    /** Interrupts what still runs, and does not wait for it: a name server that says nothing does not hear interrupts. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}

package org.barnraiser.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * SIGTERM and Ctrl-C. The first asks the worker to leave in order, any further one ends the process at once, which Java's own
 * handling cannot tell apart.
 */
final class StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT");

    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicInteger seen = new AtomicInteger();

    private StopSignals() {}

    /** Takes the signals over; where Java does not let it, they end the process as they always do. */
    static StopSignals install() {
        var signals = new StopSignals();
        for (String name : NAMES) {
            signals.take(name);
        }
        return signals;
    }

    /** Blocks until the first signal. */
    void await() throws InterruptedException {
        first.await();
    }

    private void raised() {
        first.countDown();
        if (seen.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(0);
        }
    }

    /** sun.misc.Signal is the only way in Java, and the compiler warns of it by name; hence by reflection. */
    private void take(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object taker = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[]{handler},
                    (_, _, _) -> {
                        raised(); // the interface has no other method
                        return null;
                    });
            signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class)
                    .newInstance(name), taker);
        } catch (ReflectiveOperationException e) {
            Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
            System.err.println("barn worker: signal " + name + " ends this worker at once (" + cause + ").");
        }
    }
}

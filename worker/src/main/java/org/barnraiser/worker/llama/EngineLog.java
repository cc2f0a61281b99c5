package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/**
 * What one library logs through llama_log_set: forwarded to SLF4J, and the last problems kept, so that an error can say what
 * llama.cpp said. llama.cpp logs from any thread.
 */
final class EngineLog {
    private static final Logger LOG = LoggerFactory.getLogger(EngineLog.class);

    private static final int LEVEL_WARN = 3;
    private static final int LEVEL_ERROR = 4;
    private static final int LEVEL_CONTINUE = 5;

    private static final int KEPT_LINES = 64;
    private static final int TOLD_LINES = 2;
    private static final int MAX_LINE_CHARS = 500;

    private enum Mode {
        NORMAL, TOLD_BY_EXCEPTION, SECRET
    }

    private record Line(long number, long threadId, String text) {}

    private final ArrayDeque<Line> problems = new ArrayDeque<>();
    private final ThreadLocal<Mode> mode = ThreadLocal.withInitial(() -> Mode.NORMAL);
    private final ThreadLocal<Integer> level = ThreadLocal.withInitial(() -> 0);
    private long count;

    /** A function pointer for llama_log_set that stays valid for the life of the process. */
    @SuppressWarnings("restricted")
    MemorySegment callback() {
        try {
            var handle = MethodHandles.lookup().bind(this, "receive",
                    MethodType.methodType(void.class, int.class, MemorySegment.class, MemorySegment.class));
            return Linker.nativeLinker().upcallStub(handle, FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS),
                    Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the log callback cannot be made", e);
        }
    }

    /** To be given to {@link #problemsSince}. */
    synchronized long mark() {
        return count;
    }

    /** The last warnings and errors that llama.cpp logged on this thread since the mark, as an end of a sentence; or nothing. */
    synchronized String problemsSince(long mark) {
        long thread = Thread.currentThread().threadId();
        List<String> texts = problems.stream()
                .filter(line -> line.number >= mark && line.threadId == thread).map(Line::text).toList();
        return texts.isEmpty()
                ? ""
                : texts.stream().skip(Math.max(0, texts.size() - TOLD_LINES))
                        .collect(Collectors.joining("; ", ": llama.cpp says: ", ""));
    }

    /** Runs a call whose log lines may quote text of users: nothing of this thread is forwarded or kept meanwhile. */
    <T> T quietly(Supplier<T> call) {
        return in(Mode.SECRET, call);
    }

    /** Runs a call whose problems become an exception or are overcome, so that a warning of them would be one too many. */
    <T> T withoutWarnings(Supplier<T> call) {
        return in(Mode.TOLD_BY_EXCEPTION, call);
    }

    private <T> T in(Mode wanted, Supplier<T> call) {
        mode.set(wanted);
        try {
            return call.get();
        } finally {
            mode.set(Mode.NORMAL);
        }
    }

    /** Called by llama.cpp. An exception here would end the process. */
    @SuppressWarnings({"unused", "CatchAndPrintStackTrace"}) // called through a method handle
    private void receive(int messageLevel, MemorySegment text, MemorySegment userData) {
        try {
            if (messageLevel != LEVEL_CONTINUE) {
                level.set(messageLevel);
            }
            if (mode.get() != Mode.SECRET) {
                log(level.get(), NativeMemory.string(text).strip());
            }
        } catch (Throwable e) {
            LOG.warn("a line of llama.cpp's log was lost: {}", e.toString());
        }
    }

    private void log(int lineLevel, String text) {
        if (text.isEmpty() || text.equals(".")) {
            return; // progress dots while loading
        }
        if (lineLevel != LEVEL_WARN && lineLevel != LEVEL_ERROR) {
            LOG.debug("{}", text);
            return;
        }
        LOG.atLevel(mode.get() == Mode.NORMAL ? Level.WARN : Level.DEBUG).log("{}", text);
        String kept = text.length() > MAX_LINE_CHARS ? text.substring(0, MAX_LINE_CHARS) + "…" : text;
        synchronized (this) {
            if (problems.size() == KEPT_LINES) {
                problems.removeFirst();
            }
            problems.addLast(new Line(count++, Thread.currentThread().threadId(), kept));
        }
    }
}

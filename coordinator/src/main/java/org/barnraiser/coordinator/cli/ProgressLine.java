package org.barnraiser.coordinator.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import org.barnraiser.coordinator.download.Progress;

/** Tells a person how far something is: a bar that moves on a terminal, a line every few seconds elsewhere. */
final class ProgressLine implements Progress, AutoCloseable {
    private static final int BAR = 30;
    private static final long TERMINAL_NANOS = 200_000_000L;
    private static final long PLAIN_NANOS = 5_000_000_000L;

    private final PrintWriter out;
    private final boolean terminal;
    /** All guarded by this. */
    private String what = "";
    private long beganNanos;
    private long beganBytes;
    private long shownNanos;
    private boolean open;

    /** Tells on {@code out}; knows by itself whether that is a terminal. */
    @SuppressWarnings("SystemConsoleNull") // NullAway's model of the JDK still says that there may be none
    static ProgressLine on(PrintWriter out) {
        Console console = System.console();
        return new ProgressLine(out, console != null && console.isTerminal());
    }

    /** @param terminal whether a line can be written over */
    ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public synchronized void reached(String now, long doneBytes, long totalBytes) {
        long nanos = System.nanoTime();
        if (!now.equals(what)) {
            endLine();
            what = now;
            beganNanos = nanos;
            beganBytes = doneBytes;
            shownNanos = nanos;
        }
        boolean complete = doneBytes >= totalBytes;
        long interval = terminal ? TERMINAL_NANOS : PLAIN_NANOS;
        if (nanos - shownNanos < interval && !(complete && open)) {
            return;
        }
        shownNanos = nanos;
        String line = line(doneBytes, totalBytes, nanos);
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            open = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    private String line(long done, long total, long nanos) {
        double share = total <= 0 ? 1 : Math.clamp((double) done / total, 0, 1);
        double seconds = Math.max(1e-3, (nanos - beganNanos) / 1e9);
        double rate = (done - beganBytes) / seconds;
        int filled = (int) Math.round(share * BAR);
        String bar = terminal ? " [" + "#".repeat(filled) + ".".repeat(BAR - filled) + "]" : "";
        String left = rate > 0 && done < total
                ? ", " + words(Duration.ofSeconds(Math.round((total - done) / rate))) + " left"
                : "";
        return String.format(Locale.ROOT, "%s%s %3.0f%%  %s of %s, %s/s%s", what, bar, share * 100, bytes(done),
                bytes(total), bytes(Math.round(rate)), left);
    }

    /** {@code 1.2 GB}. */
    static String bytes(long bytes) {
        if (bytes >= 1_000_000_000) {
            return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
        }
        return bytes >= 1_000_000
                ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                : Math.ceilDiv(Math.max(0, bytes), 1000) + " kB";
    }

    private static String words(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds >= 3600) {
            return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
        }
        return seconds >= 60 ? seconds / 60 + " min " + seconds % 60 + " s" : seconds + " s";
    }

    private void endLine() {
        if (open) {
            out.println();
            open = false;
        }
    }

    @Override
    public synchronized void close() {
        endLine();
        out.flush();
    }
}

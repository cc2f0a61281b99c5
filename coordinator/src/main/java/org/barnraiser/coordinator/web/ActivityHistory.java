package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import org.barnraiser.coordinator.model.ClusterStatus.Activity;

/** What was going on in the last hours, one sample every {@link #INTERVAL_SECONDS}; counts only. Thread-safe. */
final class ActivityHistory {
    static final int INTERVAL_SECONDS = 10;
    /** Six hours. */
    private static final int MAX_SAMPLES = 6 * 3600 / INTERVAL_SECONDS;

    private final Deque<Sample> samples = new ArrayDeque<>();
    private long lastTotal = -1;
    private long lastMillis;

    private record Sample(long epochSeconds, double tokensPerSecond, int running, int waiting, int paused) {}

    /**
     * Adds a sample; its speed is that since the one before.
     *
     * @param nowMillis since the epoch, later than the one before
     */
    synchronized void add(long nowMillis, Activity activity) {
        long total = activity.generatedTokensTotal();
        boolean comparable = lastTotal >= 0 && total >= lastTotal && nowMillis > lastMillis;
        double speed = comparable ? (total - lastTotal) * 1000.0 / (nowMillis - lastMillis) : 0;
        lastTotal = total;
        lastMillis = nowMillis;
        samples.addLast(
                new Sample(nowMillis / 1000, speed, activity.running(), activity.waiting(), activity.paused()));
        if (samples.size() > MAX_SAMPLES) {
            samples.removeFirst();
        }
    }

    /** {@code {"intervalSeconds":10,"samples":[[epochSeconds, tokensPerSecond, running, waiting, paused], …]}}, oldest first. */
    synchronized ObjectNode toJson() {
        ObjectNode json = Json.object().put("intervalSeconds", INTERVAL_SECONDS);
        ArrayNode list = json.putArray("samples");
        for (Sample sample : samples) {
            list.addArray().add(sample.epochSeconds()).add(Math.round(sample.tokensPerSecond() * 10) / 10.0)
                    .add(sample.running()).add(sample.waiting()).add(sample.paused());
        }
        return json;
    }
}

package org.barnraiser.coordinator.api;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.io.Writer;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What the API counts; never any text. Callable from any thread; never blocks but for {@link #write}. */
final class ApiMetrics {
    private static final double NANOS_PER_SECOND = 1e9;

    private final CollectorRegistry registry = new CollectorRegistry();
    private final BooleanSupplier ready;
    private final IntSupplier waiting;
    private final IntSupplier held;
    private final Counter requests = Counter.build("barnraiser_requests_total", "HTTP requests answered.")
            .labelNames("path", "status").register(registry);
    private final Counter promptTokens = Counter.build("barnraiser_prompt_tokens_total",
            "Tokens of prompts that were accepted.").register(registry);
    private final Counter reusedTokens = Counter.build("barnraiser_prompt_tokens_reused_total",
            "Tokens of prompts that were not computed, as the machines remembered them.").register(registry);
    private final Counter generatedTokens = Counter.build("barnraiser_generated_tokens_total",
            "Tokens that were generated.").register(registry);
    private final Histogram timeToFirstToken = Histogram.build("barnraiser_time_to_first_token_seconds",
            "From a request's arrival to its first token.").buckets(.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300)
            .register(registry);
    private final Histogram timeBetweenTokens = Histogram.build("barnraiser_time_between_tokens_seconds",
            "From one token of an answer to its next.").buckets(.005, .01, .025, .05, .1, .2, .4, .8, 1.5, 3, 10)
            .register(registry);
    private final Gauge sequences = Gauge.build("barnraiser_sequences_running",
            "Generations that were started and have not ended, those that wait for a slot included.")
            .register(registry);
    private final Gauge readyGauge = Gauge.build("barnraiser_ready", "1 when the model answers, else 0.")
            .register(registry);

    private final Gauge onDemand = Gauge.build("barnraiser_on_demand",
            "1 when machines come when they are asked for, so that none may be there while nobody asks.")
            .register(registry);

    private final Gauge waitingAnswers = Gauge.build("barnraiser_waiting_answers",
            "Answers that wait here for a slot.").register(registry);
    private final Gauge heldRequests = Gauge.build("barnraiser_requests_held",
            "Requests that wait here for machines to come or to take over.").register(registry);

    /**
     * Numbers that begin with 0.
     *
     * @param ready asked at every scrape
     * @param waiting how many answers wait for a slot; asked at every scrape
     * @param held how many requests wait for machines; asked at every scrape
     */
    ApiMetrics(BooleanSupplier ready, IntSupplier waiting, IntSupplier held) {
        this.ready = ready;
        this.waiting = waiting;
        this.held = held;
        DefaultExports.register(registry);
    }

    void add(Collector collector) {
        registry.register(collector);
    }

    void requestAnswered(String path, int status) {
        requests.labels(path, Integer.toString(status)).inc();
    }

    void promptAccepted(int tokens) {
        promptTokens.inc(tokens);
    }

    void promptReused(int tokens) {
        reusedTokens.inc(tokens);
    }

    void sequenceStarted() {
        sequences.inc();
    }

    void sequenceEnded() {
        sequences.dec();
    }

    void tokenGenerated() {
        generatedTokens.inc();
    }

    void firstTokenAfter(long nanos) {
        timeToFirstToken.observe(nanos / NANOS_PER_SECOND);
    }

    void nextTokenAfter(long nanos) {
        timeBetweenTokens.observe(nanos / NANOS_PER_SECOND);
    }

    /** Machines come when they are asked for. */
    void expectMachines() {
        onDemand.set(1);
    }

    /** Everything in Prometheus' text format. */
    void write(Writer out) throws IOException {
        waitingAnswers.set(waiting.getAsInt());
        heldRequests.set(held.getAsInt());
        readyGauge.set(ready.getAsBoolean() ? 1 : 0);
        TextFormat.write004(out, registry.metricFamilySamples());
    }
}

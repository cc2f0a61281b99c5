package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepResult;

/** What tests of the driver have in common: a driver with a clock of its own, and results made by hand. */
abstract class DriverFixture {
    static final long EPOCH = 7;

    final AtomicLong nanos = new AtomicLong();
    private long seeds;

    Driver driver(int slots, int cacheTokens, int maxStepTokens, int maxStepsInFlight, int maxWaiting) {
        var limits = new DriverLimits(slots, 100, cacheTokens, maxStepTokens, maxStepsInFlight, maxWaiting, 1000);
        return new Driver(EPOCH, limits, ticker());
    }

    Ticker ticker() {
        return new Ticker() {
            @Override
            public long read() {
                return nanos.get();
            }
        };
    }

    Reader submit(Driver driver, int promptTokens, int maxTokens) throws ModelUnavailableException {
        Reader reader = new Reader();
        driver.submit(ResumableSequence.of(FakeModel.request(++seeds, promptTokens, maxTokens)), reader);
        return reader;
    }

    static Step next(Driver driver) {
        return driver.nextStep().orElseThrow();
    }

    /** The result in which each sample is a token with the number of its position. */
    static StepResult.Builder result(Step step) {
        StepResult.Builder result = StepResult.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber());
        for (Span span : step.getSpansList()) {
            if (span.getWanted() == Span.Wanted.SAMPLE) {
                int position = span.getStartPosition() + span.getTokenCount();
                result.addSpans(SpanResult.newBuilder().setSlot(span.getSlot())
                        .addSampled(SampledToken.newBuilder().setToken(position).setPosition(position)));
            }
        }
        return result;
    }

    static void answer(Driver driver, Step step) {
        driver.onResult(result(step).build());
    }

    static StepResult failure(Step step, String reason) {
        return StepResult.newBuilder().setEpoch(EPOCH).setNumber(step.getNumber())
                .setFailure(StepFailure.newBuilder().setReason(reason)).build();
    }

    static Span span(int slot, int start, int count, Span.Wanted wanted) {
        return Span.newBuilder().setSlot(slot).setStartPosition(start).setTokenCount(count).setWanted(wanted).build();
    }

    static CacheEdit drop(int slot) {
        return CacheEdit.newBuilder().setDrop(CacheEdit.Drop.newBuilder().setSlot(slot)).build();
    }
}

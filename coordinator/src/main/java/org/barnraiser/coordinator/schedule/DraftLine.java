package org.barnraiser.coordinator.schedule;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.jspecify.annotations.Nullable;

/**
 * The way between a driver and its draft model, if it has one: a link of its own beside the pipeline's. All methods but {@link #lost} are
 * called from the driver's thread; news of the link are brought there.
 */
final class DraftLine implements AutoCloseable {
    private final Driver driver;
    private final DraftModel model;
    private final PipelineLink link;
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    private boolean closed;

    /** @param thread brings an event to the driver's thread; one that gets lost is as if the draft model had said nothing */
    DraftLine(Driver driver, DraftModel model, PipelineLink.Opener opener, Consumer<Runnable> thread) {
        this.driver = driver;
        this.model = model;
        driver.ask(model);
        link = opener.open(new PipelineLink.Listener() {
            @Override
            public void onResult(StepResult result) {
                thread.accept(() -> take(result));
            }

            @Override
            public void onReady() {
                thread.accept(() -> {});
            }

            @Override
            public void onBroken(String reason) {
                thread.accept(() -> end(reason));
            }
        });
    }

    private void take(StepResult result) {
        if (closed) {
            return;
        }
        List<Sequence> served = model.onResult(result);
        driver.goOn(served);
        if (model.isHopeless()) {
            end("The draft model has failed " + DraftModel.MOST_FAILURES + " times in a row.");
        }
    }

    /** Nanoseconds until {@link #turn()} is wanted at the latest. */
    long nanosToTurn() {
        return closed ? Long.MAX_VALUE : model.nanosToPatience();
    }

    /** Lets those go on who have waited long enough, and sends what is to be sent. */
    void turn() {
        if (closed) {
            return;
        }
        driver.goOn(model.expire());
        try {
            if (link.isReady()) {
                @Nullable
                Step step = model.nextStep().orElse(null);
                if (step != null) {
                    link.send(step);
                }
            }
        } catch (RuntimeException e) {
            end("The link to the draft model failed: " + e.getClass().getSimpleName() + ".");
        }
    }

    /** Completes with the reason when no more guesses come from here. */
    CompletionStage<String> lost() {
        return lost.minimalCompletionStage();
    }

    private void end(String reason) {
        if (!closed) {
            closed = true;
            driver.ask(null);
            link.close();
            lost.complete(reason);
        }
    }

    @Override
    public void close() {
        end("The pipeline has ended.");
    }
}

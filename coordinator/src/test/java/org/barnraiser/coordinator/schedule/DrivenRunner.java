package org.barnraiser.coordinator.schedule;

import java.util.Optional;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;

/** A real driver in front of the twin of a pipeline; each move is one thing that may happen next. */
final class DrivenRunner implements SequenceRunner {
    private final Driver driver;
    private final InMemoryPipeline pipeline;

    DrivenRunner(long epoch, DriverLimits limits) {
        driver = new Driver(epoch, limits, new FakeClock(), new UnreliableDrafter());
        pipeline = new InMemoryPipeline(epoch, limits);
    }

    @Override
    public Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException {
        return driver.submit(sequence, listener);
    }

    Driver driver() {
        return driver;
    }

    InMemoryPipeline pipeline() {
        return pipeline;
    }

    void lose(String reason) {
        driver.onPipelineLost(reason);
    }

    boolean sendStep() {
        Optional<Step> step = driver.nextStep();
        step.ifPresent(pipeline::send);
        return step.isPresent();
    }

    boolean deliverResult() {
        Optional<StepResult> result = pipeline.takeResult();
        result.ifPresent(driver::onResult);
        return result.isPresent();
    }

    /** Sends and delivers until nothing moves. */
    void settle() {
        boolean moved = true;
        while (moved) {
            moved = sendStep();
            moved |= deliverResult();
        }
    }
}

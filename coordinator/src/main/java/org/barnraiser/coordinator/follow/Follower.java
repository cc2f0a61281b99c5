package org.barnraiser.coordinator.follow;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows whoever leads: knows from that coordinator how the model is, and lets it run the answers of this one. When the leader falls silent
 * they are put aside, and go on with it or with the next.
 *
 * <p>The monitor guards which leader is followed and what is attached, so that nothing is attached for a leader that is not followed any more.
 */
public final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** The cluster's state grows with its workers. */
    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    private final Links links;
    private final ModelDescription model;
    private final Generations answers;
    private final Duration silence;
    private @Nullable Bond bond;
    private volatile boolean servedBefore;
    private volatile Known known = Known.NOTHING;

    /**
     * Follows nobody yet.
     *
     * @param links by which the leader is reached
     * @param answers what runs here, and is attached to the leader while there is one
     * @param silence how long a leader may say nothing; it speaks each second
     */
    public Follower(Links links, ModelDescription model, Generations answers, Duration silence) {
        this.links = links;
        this.model = model;
        this.answers = answers;
        this.silence = silence;
    }

    /**
     * From now on this one leads; empty: nobody else does. Never blocks.
     *
     * @param leader with an address that has been checked
     */
    public synchronized void follow(Optional<CoordinatorRecord> leader) {
        Optional<CoordinatorRecord> present = Optional.ofNullable(bond).map(current -> current.leader);
        if (present.equals(leader)) {
            return;
        }
        if (bond != null) {
            bond.cut("The coordinator that leads is being changed.");
            bond = null;
        }
        known = known.silent("No coordinator leads at the moment; one is being chosen.", servedBefore);
        leader.ifPresent(record -> {
            LOG.info("The coordinator at {} leads; its pipelines run the answers of this one.",
                    record.getGrpcAddress());
            bond = new Bond(record);
        });
    }

    /** What is known of the model from the leader; nothing while nobody is followed. */
    public Known known() {
        return known;
    }

    /** Whether a leader was followed whose model was ready. */
    public boolean hasServed() {
        return servedBefore;
    }

    @Override
    public void close() {
        follow(Optional.empty());
    }

    /** The connection to one leader. */
    private final class Bond implements LeaderWatch.Listener {
        private final CoordinatorRecord leader;
        private final ManagedChannel channel;
        private final LeaderWatch watch;
        private @Nullable RemoteRunner runner;
        private long epoch;

        Bond(CoordinatorRecord leader) {
            this.leader = leader;
            channel = links.to(leader.getGrpcAddress(), Set.of(Role.COORDINATOR), options -> options
                    // What listens only hands on.
                    .directExecutor()
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES));
            watch = LeaderWatch.start(channel, model.digest(), silence, this);
        }

        @Override
        public void onState(LeaderState state) {
            Known told = Known.of(state);
            synchronized (Follower.this) {
                if (bond != this) {
                    return;
                }
                known = told;
                switch (told.readiness()) {
                    case Readiness.Ready _ -> {
                        servedBefore = true;
                        attach(state.getPlan().getEpoch());
                    }
                    case Readiness.NotReady(String reason, _, _) -> detach(reason);
                }
            }
        }

        @Override
        public void onSilence(String reason) {
            synchronized (Follower.this) {
                if (bond != this) {
                    return;
                }
                known = known.silent(reason, servedBefore);
                detach(reason);
                // A connection that swallows everything would swallow the next call as well.
                channel.enterIdle();
            }
        }

        /** A plan that has changed, or a runner that has ended, makes a new runner: what was interrupted goes on there. */
        private void attach(long planEpoch) {
            if (runner == null || runner.hasEnded() || epoch != planEpoch) {
                end("The coordinator that leads has another plan.");
                epoch = planEpoch;
                runner = new RemoteRunner(channel, model);
                answers.attach(runner);
            }
        }

        private void detach(String reason) {
            end(reason);
            if (runner == null) {
                answers.explain(reason);
            } else {
                answers.detach(runner, reason);
                runner = null;
            }
        }

        private void end(String reason) {
            if (runner != null) {
                runner.end(reason);
            }
        }

        private void cut(String reason) {
            watch.close();
            detach(reason);
            channel.shutdownNow();
        }
    }
}

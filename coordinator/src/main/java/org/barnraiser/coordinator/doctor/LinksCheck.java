package org.barnraiser.coordinator.doctor;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.barnraiser.proto.ReachResponse;

/** Whether one worker reaches every other: stages talk to each other directly. */
final class LinksCheck implements Check {
    private static final int NAMED = 5;

    private final Member worker;
    private final List<Member> others;
    private final Connections connections;

    LinksCheck(Member worker, List<Member> others, Connections connections) {
        this.worker = worker;
        this.others = others;
        this.connections = connections;
    }

    @Override
    public String subject() {
        return "from " + worker.name();
    }

    @Override
    public List<Finding> findings() throws InterruptedException {
        Map<Member, ListenableFuture<ReachResponse>> asked = new LinkedHashMap<>();
        others.forEach(other -> asked.put(other, connections.reach(worker.address(), other.address())));
        List<String> cut = new ArrayList<>();
        long slowestMicros = 0;
        for (Map.Entry<Member, ListenableFuture<ReachResponse>> link : asked.entrySet()) {
            try {
                ReachResponse answer = link.getValue().get();
                slowestMicros = Math.max(slowestMicros, answer.getRoundTripMicros());
                if (!answer.getReached()) {
                    cut.add(shown(link.getKey(), answer.getReason()));
                }
            } catch (ExecutionException e) {
                return unanswered(Status.fromThrowable(e));
            }
        }
        return List.of(cut.isEmpty() ? whole(slowestMicros) : broken(cut));
    }

    private Finding whole(long slowestMicros) {
        return Finding.ok(subject(), String.format(Locale.ROOT,
                "It reaches %s (round trip at most %.1f ms).", others.size() == 1
                        ? "the other worker"
                        : "all " + others.size() + " other workers",
                slowestMicros / 1000.0));
    }

    private Finding broken(List<String> cut) {
        String named = String.join("; ", cut.subList(0, Math.min(NAMED, cut.size())));
        String more = cut.size() > NAMED ? "; and " + (cut.size() - NAMED) + " more" : "";
        return Finding.broken(subject(), "It does not reach " + named + more + ".",
                "Let these machines reach each other at these addresses: see firewalls, and --listen or --advertise of"
                        + " the workers that are not reached.");
    }

    private List<Finding> unanswered(Status status) {
        return switch (status.getCode()) {
            case UNIMPLEMENTED -> List.of(Finding.warning(subject(),
                    "Its links cannot be checked: it runs an older version of Barnraiser.", "Update that worker."));
            // That it does not answer is told where it is looked at for itself.
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> List.of(Finding.warning(subject(),
                    "Its links cannot be checked, because it does not answer.", "See 'worker " + worker.name()
                            + "' above."));
            default -> List.of(Finding.warning(subject(),
                    "Its links cannot be checked: " + WorkerCheck.reason(status) + ".", "See that worker's log."));
        };
    }

    private static String shown(Member other, String reason) {
        String plain = reason.strip().replaceAll("\\.$", "");
        return other.name() + " at " + other.place() + (plain.isEmpty() ? "" : " (" + plain + ")");
    }
}

package org.barnraiser.coordinator.cli;

import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.LendRequest;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerControlGrpc.WorkerControlBlockingStub;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.TrustException;

/** A worker that runs on this machine, found by what it wrote into its data folder and asked directly. */
final class LocalWorker implements AutoCloseable {
    private static final Duration CALL = Duration.ofSeconds(5);
    private static final int BEAT_MILLIS = 200;

    private final String name;
    private final ManagedChannel channel;

    private LocalWorker(String name, String address, Links links) {
        this.name = name;
        channel = links.to(address, Set.of(Role.WORKER), _ -> {});
    }

    /** Those that run with this data folder and answer. */
    static List<LocalWorker> running(Path data) throws CommandException {
        var workers = new ArrayList<LocalWorker>();
        Path folder = data.resolve("workers");
        if (!Files.isDirectory(folder)) {
            return workers;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path worker : files) {
                find(worker).ifPresent(workers::add);
            }
            return workers;
        } catch (IOException e) {
            throw new CommandException("the data folder " + data + " cannot be read (" + e.getMessage() + ").", e);
        }
    }

    private static Optional<LocalWorker> find(Path folder) throws IOException, CommandException {
        Path file = folder.resolve("running.properties");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var running = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            running.load(reader);
        }
        var worker = new LocalWorker(String.valueOf(folder.getFileName()), running.getProperty("address", ""),
                links(folder));
        if (worker.isProcess(running.getProperty("pid", ""))) {
            return Optional.of(worker);
        }
        worker.close();
        return Optional.empty();
    }

    /** Whoever may read the worker's folder may call it as that worker. */
    private static Links links(Path folder) throws CommandException {
        try {
            return Membership.read(folder.resolve("trust"))
                    .<Links>map(membership -> new SecureLinks(membership.credentials())).orElse(Links.PLAIN);
        } catch (TrustException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /** A file may be left from a crash, and its address be another's by now. */
    private boolean isProcess(String pid) {
        try {
            return Long.toString(control().describe(DescribeRequest.getDefaultInstance()).getPid()).equals(pid);
        } catch (StatusRuntimeException _) {
            return false;
        }
    }

    String name() {
        return name;
    }

    /** Says what the owner wants; returns the worker as it is now. */
    WorkerRecord tell(Wish wish) throws CommandException {
        try {
            return control().lend(LendRequest.newBuilder().setWish(wish).build()).getRecord();
        } catch (StatusRuntimeException e) {
            throw new CommandException(name + " does not listen: " + e.getStatus().getDescription(), e);
        }
    }

    /** Whether nothing is loaded on it in time; blocks. */
    boolean awaitFree(Duration patience) throws CommandException {
        try {
            Iterator<Beat> beats = WorkerControlGrpc.newBlockingStub(channel)
                    .withDeadline(Deadline.after(patience.toMillis(), TimeUnit.MILLISECONDS))
                    .pulse(PulseRequest.newBuilder().setIntervalMillis(BEAT_MILLIS).build());
            while (beats.hasNext()) {
                if (beats.next().getStagesList().isEmpty()) {
                    return true;
                }
            }
            return true; // it has ended
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                return false;
            }
            throw new CommandException(name + " is not heard any more: " + e.getStatus().getDescription(), e);
        }
    }

    private WorkerControlBlockingStub control() {
        return WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

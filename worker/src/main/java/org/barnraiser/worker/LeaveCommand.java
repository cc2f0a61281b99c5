package org.barnraiser.worker;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Enrolling;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;
import org.barnraiser.worker.data.DataFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code barn leave}: the worker hands its layers over and ends; service and certificate go, and the weights if that is wanted. */
@Command(name = "leave", mixinStandardHelpOptions = true, sortOptions = false, description = "Ends this machine's membership: worker, service and certificate go.")
final class LeaveCommand implements Callable<Integer> {
    /** Handing layers over takes half a minute by itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long CALL_SECONDS = 5;

    @Spec
    private CommandSpec spec;

    @Mixin
    private IdentityOptions which = new IdentityOptions();

    @Option(names = "--delete-weights", paramLabel = "yes|no|ask", defaultValue = "ask", description = "delete the pieces of models that are kept here, too (default: ${DEFAULT-VALUE}; without a terminal: no)")
    private Answer deleteWeights = Answer.ASK;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    LeaveCommand() {}

    @Override
    public Integer call() throws IOException, TrustException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        WorkerIdentity identity;
        try {
            identity = which.identity();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Optional<ThisMachine> machine = ThisMachine.withServices();
        if (machine.isPresent() && machine.get().installation().remove(identity.name())) {
            out.println("The service is gone.");
        }
        Optional<ProcessHandle> running = running(identity);
        if (running.isPresent()) {
            out.println("Worker " + identity.name() + " hands its layers over …");
            out.flush();
            end(running.get());
        }
        out.println("Worker " + identity.name() + " has left. " + endMembership(identity));
        if (deleteWeights.isYes("Shall the pieces of models that are kept in " + identity.folder() + " be deleted?")) {
            DataFolder.delete(identity.folder());
            out.println("The pieces of models are deleted.");
        } else {
            out.println("The pieces of models are still in " + identity.folder() + ".");
        }
        out.flush();
        return 0;
    }

    /** Says what has become of the certificate. */
    private static String endMembership(WorkerIdentity identity) throws IOException, TrustException {
        Path trust = identity.trustFolder();
        Optional<Membership> membership = Membership.read(trust);
        String said = "Its certificate is deleted here.";
        if (membership.isPresent()) {
            try {
                Enrolling.leave(membership.get(), trust);
                said = "Its certificate does not count any more.";
            } catch (TrustException e) {
                said = "Its certificate is deleted here, but the cluster does not know that. " + e.getMessage()
                        + " Whoever runs the coordinator says 'barn remove " + identity.name()
                        + "', so that it counts no more.";
            }
        }
        DataFolder.delete(trust);
        return said;
    }

    /** A file may be left from a crash, and its process be another's by now; so the worker itself is asked. */
    private static Optional<ProcessHandle> running(WorkerIdentity identity) throws IOException, TrustException {
        Path file = identity.folder().resolve("running.properties");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        String pid = properties.getProperty("pid", "");
        return pid.matches("[0-9]{1,18}") && pid.equals(pidOf(identity, properties.getProperty("address", "")))
                ? ProcessHandle.of(Long.parseLong(pid))
                : Optional.empty();
    }

    /** What the worker at this address says; empty when none answers that knows this one's certificate. */
    private static String pidOf(WorkerIdentity identity, String address) throws TrustException {
        Path trust = identity.trustFolder();
        Links links = Membership.read(trust).<Links>map(membership -> membership.links(trust)).orElse(Links.PLAIN);
        ManagedChannel channel = links.to(address, Set.of(Role.WORKER), _ -> {});
        try {
            return Long.toString(WorkerControlGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                    .describe(DescribeRequest.getDefaultInstance()).getPid());
        } catch (StatusRuntimeException _) {
            return "";
        } finally {
            channel.shutdownNow();
        }
    }

    /** Asks it to end, and makes it when it does not in time. */
    private static void end(ProcessHandle worker) throws InterruptedException {
        CompletableFuture<ProcessHandle> ended = worker.onExit();
        var _ = worker.destroy();
        try {
            ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            var _ = worker.destroyForcibly();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("A process that ends ends", impossible);
        }
    }
}

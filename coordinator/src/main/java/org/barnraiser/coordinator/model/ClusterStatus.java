package org.barnraiser.coordinator.model;

import java.util.List;
import java.util.Map;

/**
 * What {@code GET /api/cluster} answers; field names are those of the JSON.
 *
 * @param model the one that was named first
 * @param plan of that model
 * @param activity of all models together
 * @param troubles what is wrong now, in plain words, worst first
 * @param models all that are hosted
 * @param trust by what its machines know each other
 */
public record ClusterStatus(Model model, Plan plan, List<Worker> workers, List<Coordinator> coordinators,
        Activity activity, List<String> troubles, Weights weights, List<Hosted> models, Trust trust) {

    /** A cluster whose machines show no certificates, or of which nothing is known. */
    public ClusterStatus(Model model, Plan plan, List<Worker> workers, List<Coordinator> coordinators,
            Activity activity, List<String> troubles, Weights weights, List<Hosted> models) {
        this(model, plan, workers, coordinators, activity, troubles, weights, models, Trust.NONE);
    }

    /** A cluster that hosts one model. */
    public ClusterStatus(Model model, Plan plan, List<Worker> workers, List<Coordinator> coordinators,
            Activity activity, List<String> troubles, Weights weights) {
        this(model, plan, workers, coordinators, activity, troubles, weights,
                List.of(Hosted.of(model, List.of(), plan, activity)));
    }

    /** A cluster of whose weights nothing is known. */
    public ClusterStatus(Model model, Plan plan, List<Worker> workers, List<Coordinator> coordinators,
            Activity activity, List<String> troubles) {
        this(model, plan, workers, coordinators, activity, troubles, Weights.UNKNOWN);
    }

    /** The same, and by what its machines know each other. */
    public ClusterStatus with(Trust known) {
        return new ClusterStatus(model, plan, workers, coordinators, activity, troubles, weights, models, known);
    }

    /**
     * By what machines know each other.
     *
     * @param fingerprint of the cluster's authority; empty where machines show no certificates
     * @param certificates the newest one of each member; empty where another coordinator keeps the authority
     */
    public record Trust(String fingerprint, List<Certificate> certificates) {
        public static final Trust NONE = new Trust("", List.of());
    }

    /**
     * A member's newest certificate.
     *
     * @param role "worker" or "coordinator"
     * @param until when it ends, as ISO 8601 says it
     */
    public record Certificate(String member, String role, String until, boolean removed) {}

    /**
     * On how many disks the model is, the leading coordinator's included.
     *
     * @param copies of the tensor that is on the fewest; 0 when that is not known
     * @param leastCopied that tensor
     */
    public record Weights(int copiesWanted, int copies, String leastCopied) {
        public static final Weights UNKNOWN = new Weights(0, 0, "");
    }

    /** The hosted model; {@code reason} is empty when it is ready. */
    public record Model(String name, String digest, boolean ready, String reason) {}

    /** One of the hosted models, and what goes on with it. */
    public record Hosted(String name, String digest, boolean ready, String reason, List<String> aliases, Plan plan,
            Activity activity) {

        public static Hosted of(Model model, List<String> aliases, Plan plan, Activity activity) {
            return new Hosted(model.name(), model.digest(), model.ready(), model.reason(), aliases, plan, activity);
        }

        /** What it is called, and whether it answers. */
        public Model model() {
            return new Model(name, digest, ready, reason);
        }

        /** The same, with other news of it. */
        public Hosted with(Model now, Activity doing) {
            return of(now, aliases, plan, doing);
        }
    }

    /**
     * The current plan; epoch 0 and no pipelines when there is none.
     *
     * @param epoch of the first pipeline
     */
    public record Plan(long epoch, List<Pipeline> pipelines, Estimate estimate) {

        /** A plan of which nothing is expected. */
        public Plan(long epoch, List<Pipeline> pipelines) {
            this(epoch, pipelines, Estimate.NONE);
        }
    }

    /**
     * What the planner expects, beside what was seen; 0 for what is not known.
     *
     * @param tokensPerSecond for one reader alone, expected
     * @param measuredTokensPerSecond for one reader alone, the best of some seconds in which there was just one
     * @param timeToFirstTokenMillis for a question of 512 tokens, expected
     * @param readers answers that run at the same time at most
     * @param readersTokensPerSecond for all of these together, expected
     * @param loadSeconds until all machines have read their layers from their disks, expected
     */
    public record Estimate(double tokensPerSecond, double measuredTokensPerSecond, double timeToFirstTokenMillis,
            int readers, double readersTokensPerSecond, double loadSeconds) {
        public static final Estimate NONE = new Estimate(0, 0, 0, 0, 0, 0);

        /** Of two pipelines that answer beside each other: one reader gets the quicker one. */
        public Estimate beside(Estimate other) {
            return new Estimate(Math.max(tokensPerSecond, other.tokensPerSecond),
                    Math.max(measuredTokensPerSecond, other.measuredTokensPerSecond),
                    Math.min(timeToFirstTokenMillis, other.timeToFirstTokenMillis), readers + other.readers,
                    readersTokensPerSecond + other.readersTokensPerSecond, Math.max(loadSeconds, other.loadSeconds));
        }
    }

    /**
     * One that has the whole model.
     *
     * @param number from 1; the same for as long as the model is hosted
     * @param epoch of its plan
     * @param stages in order, head first
     */
    public record Pipeline(int number, long epoch, List<Stage> stages) {}

    /**
     * One worker's layer range [first, last).
     *
     * @param memoryBytes the plan's estimate of what it takes
     * @param busyShare part of the last seconds in which the stage computed, from 0 to 1
     * @param stepMillis what a step takes here now, on average; 0 when nothing was computed
     * @param estimatedStepMillis what the planner expects a step of one token to take; 0 when it does not know
     * @param done what it has done since the plan runs
     * @param next the way to the next stage
     */
    public record Stage(String worker, int first, int last, long pid, String address, long memoryBytes,
            double busyShare, double stepMillis, double estimatedStepMillis, Done done,
            Way next) {

        /** A stage of which nothing is expected. */
        public Stage(String worker, int first, int last, long pid, String address, long memoryBytes, double busyShare,
                double stepMillis) {
            this(worker, first, last, pid, address, memoryBytes, busyShare, stepMillis, 0, Done.NOTHING, Way.UNKNOWN);
        }
    }

    /**
     * A way between two machines, as it was measured; 0 where it was not.
     *
     * @param roundTripMillis there and back
     * @param bytesPerSecond that it carries
     * @param kind "direct", "reversed" or "relayed through …"; empty while there is no connection
     */
    public record Way(double roundTripMillis, double bytesPerSecond, String kind) {
        public static final Way UNKNOWN = new Way(0, 0, "");
    }

    /**
     * Sums that only grow while a plan runs.
     *
     * @param computeSeconds in which the stage computed
     * @param queueSeconds in which steps had come and waited for others, all of them added up
     */
    public record Done(long steps, double computeSeconds, double queueSeconds) {
        public static final Done NOTHING = new Done(0, 0, 0);
    }

    /**
     * A worker that is registered.
     *
     * @param state what it is for now: "stage", "stand-by", "leaving", "away" or "idle"
     * @param note one sentence about the state; may be empty
     * @param engineReason why it computes with this llama.cpp, in a sentence; may be empty
     * @param speed how fast it was found to be
     * @param link how this coordinator reaches it, in the words of {@link Way#kind}
     * @param disk where it keeps its layers
     */
    public record Worker(String worker, String address, long pid, String engine, long usableMemoryBytes,
            Map<String, String> labels, String hostName, String state, String note, String engineReason,
            Speed speed, String link, Disk disk) {

        /** A worker that was not measured. */
        public Worker(String worker, String address, long pid, String engine, long usableMemoryBytes,
                Map<String, String> labels, String hostName, String state, String note, String engineReason) {
            this(worker, address, pid, engine, usableMemoryBytes, labels, hostName, state, note, engineReason,
                    Speed.UNKNOWN, "", Disk.UNKNOWN);
        }
    }

    /**
     * The disk on which a worker keeps its layers; 0 for what is not known.
     *
     * @param freeBytes now
     * @param sizeBytes of all of it
     * @param readBytesPerSecond as it was measured when the worker first started
     * @param writeBytesPerSecond the same
     */
    public record Disk(long freeBytes, long sizeBytes, double readBytesPerSecond, double writeBytesPerSecond) {
        public static final Disk UNKNOWN = new Disk(0, 0, 0, 0);
    }

    /**
     * How fast a worker computes, as it was measured when it started; 0 for what is not known.
     *
     * @param bytesPerSecond weights that it reads to make one token
     * @param operationsPerSecond when many tokens are in one step
     * @param stepSeconds what a step costs whatever is in it
     */
    public record Speed(double bytesPerSecond, double operationsPerSecond, double stepSeconds) {
        public static final Speed UNKNOWN = new Speed(0, 0, 0);
    }

    /** A coordinator that is registered. */
    public record Coordinator(String coordinator, String httpAddress, boolean leads) {}

    /**
     * What is going on.
     *
     * @param running answers that are being computed
     * @param waiting readers who wait for a slot
     * @param paused answers that wait for machines to take over
     * @param tokensPerSecond tokens generated per second, over the last seconds, all answers together
     * @param generatedTokensTotal since this coordinator started
     * @param takeoversTotal times that a pipeline was lost or moved and its answers went on with another one
     */
    public record Activity(int running, int waiting, int paused, double tokensPerSecond, long generatedTokensTotal,
            long takeoversTotal) {
        public static final Activity NONE = new Activity(0, 0, 0, 0, 0, 0);

        /** The same, with more readers who wait. */
        public Activity withWaiting(int more) {
            return new Activity(running, waiting + more, paused, tokensPerSecond, generatedTokensTotal,
                    takeoversTotal);
        }

        /** Both together. */
        public Activity plus(Activity other) {
            return new Activity(running + other.running, waiting + other.waiting, paused + other.paused,
                    tokensPerSecond + other.tokensPerSecond, generatedTokensTotal + other.generatedTokensTotal,
                    takeoversTotal + other.takeoversTotal);
        }
    }

    /** Where the current status comes from; must not block. */
    public interface Source {
        ClusterStatus clusterStatus();
    }
}

package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.time.Duration;
import org.barnraiser.testing.faults.FaultProxy;

/** One worker of a {@link TestCluster}: its process, and the links that lead to it and from it. */
public final class TestWorker implements AutoCloseable {
    private final String name;
    private final ClusterProcess process;
    private final FaultProxy link;
    private final FaultProxy zooKeeper;

    TestWorker(String name, ClusterProcess process, FaultProxy link, FaultProxy zooKeeper) {
        this.name = name;
        this.process = process;
        this.link = link;
        this.zooKeeper = zooKeeper;
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** The only way by which coordinators and other workers reach this one. */
    public FaultProxy link() {
        return link;
    }

    /** This worker's way to ZooKeeper. */
    public FaultProxy zooKeeper() {
        return zooKeeper;
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill() throws InterruptedException {
        process.kill();
    }

    /** SIGSTOP. */
    public void stop() {
        process.stop();
    }

    /** SIGCONT. */
    public void cont() {
        process.cont();
    }

    public boolean isStopped() {
        return process.isStopped();
    }

    /** SIGTERM, upon which it moves its layers away and leaves; waits for the exit code. */
    public int drain(Duration patience) throws InterruptedException {
        return process.terminate(patience);
    }

    /** Starts the process again, or for the first time. */
    public void start() throws IOException {
        process.start();
    }

    /** The same name and data folder in a new process; the old one is killed. */
    public void restart() throws IOException, InterruptedException {
        if (process.isAlive()) {
            process.kill();
        }
        process.start();
    }

    /** Goes on and can be reached again, whatever was done to it; a dead one is started. */
    public void recover() throws IOException {
        link.heal();
        zooKeeper.heal();
        if (!process.isAlive()) {
            process.start();
        } else if (process.isStopped()) {
            process.cont();
        }
    }

    public Footprint footprint() throws IOException {
        return process.footprint();
    }

    /** What it wrote to its log, over all its starts. */
    public String output() throws IOException {
        return process.output();
    }

    @Override
    public void close() throws IOException {
        process.close();
        link.close();
    }
}

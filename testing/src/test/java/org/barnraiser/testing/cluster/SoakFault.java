package org.barnraiser.testing.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.barnraiser.testing.faults.FaultProxy;

/** What can happen to a cluster. A fault lasts for a while and is then undone; what exactly it hits is up to chance. */
enum SoakFault {
    KILL_WORKER {
        @Override
        void happen(Soak soak, Random random) throws Exception {
            anyWorker(soak, random).kill();
        }
    },
    STOP_WORKER {
        @Override
        void happen(Soak soak, Random random) {
            anyWorker(soak, random).stop();
        }
    },
    CUT_LINK {
        @Override
        void happen(Soak soak, Random random) {
            anyWorker(soak, random).link().cut();
        }
    },
    HALF_OPEN_LINK {
        @Override
        void happen(Soak soak, Random random) {
            FaultProxy.Direction[] directions = FaultProxy.Direction.values();
            anyWorker(soak, random).link().halfOpen(directions[random.nextInt(directions.length)]);
        }
    },
    BLACK_HOLE_LINK {
        @Override
        void happen(Soak soak, Random random) {
            anyWorker(soak, random).link().blackHole();
        }
    },
    SLOW_LINK {
        @Override
        void happen(Soak soak, Random random) {
            anyWorker(soak, random).link().slow(Duration.ofMillis(5 + random.nextInt(20)), 1_000_000);
        }
    },
    RESTART_ZOOKEEPER {
        @Override
        void happen(Soak soak, Random random) {
            soak.cluster().stopZooKeeper();
        }

        @Override
        void end(Soak soak) throws Exception {
            soak.cluster().startZooKeeper();
        }
    },
    KILL_LEADER {
        @Override
        void happen(Soak soak, Random random) throws Exception {
            soak.killLeader();
        }
    },
    WORKER_JOINS_AND_LEAVES {
        @Override
        void happen(Soak soak, Random random) throws Exception {
            soak.visitor().start();
        }

        @Override
        void end(Soak soak) throws Exception {
            soak.visitor().drain(Duration.ofMinutes(2));
        }
    };

    abstract void happen(Soak soak, Random random) throws Exception;

    /** Undoes it. */
    void end(Soak soak) throws Exception {
        soak.recover();
    }

    private static TestWorker anyWorker(Soak soak, Random random) {
        List<TestWorker> workers = soak.residents();
        return workers.get(random.nextInt(workers.size()));
    }
}

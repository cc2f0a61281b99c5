package org.barnraiser.testing.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random faults under a steady load: no answer is wrong, lost or stuck, and nothing grows. Half of the faults in the normal run, as each has a
 * test of its own; with {@code -Dbarnraiser.soak=true} as many as {@code barnraiser.soak.faults} says. {@code barnraiser.soak.seed} repeats a run.
 */
class FaultSoakTest {
    private static final int LONG = Integer.getInteger("barnraiser.soak.faults", 100);
    private static final int SHORT = SoakFault.values().length / 2;
    /** Faults until which memory and threads may grow to what they need. */
    private static final int WARM_UP = 10;
    private static final Path REPORT = Path.of("target/soak.txt");

    @TempDir
    private static Path folder;

    @Test
    void no_answer_is_wrong_or_lost_or_stuck_and_nothing_grows() throws Exception {
        long seed = Long.getLong("barnraiser.soak.seed", System.nanoTime() % 1_000_000);
        System.out.println("The soak's seed is " + seed);
        SoakReport report = new SoakReport(seed);
        try (Soak soak = Soak.start(folder, seed)) {
            SoakSize before = soak.size();
            List<SoakFault> faults = faults(new Random(seed));
            for (int number = 0; number < faults.size(); number++) {
                if (number == Math.min(WARM_UP, faults.size() / 2)) {
                    before = soak.size();
                }
                soak.suffer(faults.get(number));
            }
            soak.calmDown();
            SoakSize after = soak.size();
            Files.writeString(REPORT, report.text(soak, before, after));
            System.out.println(Files.readString(REPORT));
            assertThat(soak.load().complaints()).isEmpty();
            assertThat(soak.load().counts().whole()).isGreaterThanOrEqualTo(Soak.STREAMS);
            soak.assertEverySlotIsFree();
            after.assertNoMuchLargerThan(before);
        }
    }

    /** None twice in the normal run, and evenly mixed in the long one. */
    private static List<SoakFault> faults(Random random) {
        int wanted = Boolean.getBoolean("barnraiser.soak") ? LONG : SHORT;
        List<SoakFault> faults = new ArrayList<>();
        while (faults.size() < wanted) {
            List<SoakFault> round = Arrays.asList(SoakFault.values());
            Collections.shuffle(round, random);
            faults.addAll(round);
        }
        return faults.subList(0, wanted);
    }
}

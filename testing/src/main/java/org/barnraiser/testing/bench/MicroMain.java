package org.barnraiser.testing.bench;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.schedule.PromptLookupBench;
import org.barnraiser.coordinator.schedule.SchedulerBench;
import org.barnraiser.worker.stage.HiddenStateBench;
import org.barnraiser.worker.stage.SamplerBench;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** {@code barn bench --micro [JMH OPTIONS]}: what single parts take, in a process of their own each. */
public final class MicroMain {
    private static final List<Class<?>> BENCHES = List.of(HiddenStateBench.class, SamplerBench.class,
            SchedulerBench.class, PromptLookupBench.class);
    private static final TimeValue TURN = TimeValue.seconds(1);
    private static final int WARM_UP_TURNS = 3;
    private static final int TURNS = 5;

    private MicroMain() {}

    /** Arguments are JMH's, such as the name of one benchmark; what they leave out is as usual here. */
    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
        List<String> options = new ArrayList<>(List.of(arguments));
        options.removeAll(List.of("micro", "--micro"));
        CommandLineOptions given = new CommandLineOptions(options.toArray(String[]::new));
        new Runner(options(given)).run();
    }

    private static Options options(CommandLineOptions given) {
        OptionsBuilder builder = new OptionsBuilder();
        builder.parent(given);
        if (given.getIncludes().isEmpty()) {
            BENCHES.forEach(bench -> builder.include(bench.getName()));
        }
        builder.forks(given.getForkCount().orElse(1))
                .warmupIterations(given.getWarmupIterations().orElse(WARM_UP_TURNS))
                .measurementIterations(given.getMeasurementIterations().orElse(TURNS))
                .warmupTime(given.getWarmupTime().orElse(TURN))
                .measurementTime(given.getMeasurementTime().orElse(TURN));
        return builder.build();
    }
}

package org.barnraiser.coordinator.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.Optional;
import java.util.function.Function;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.coordinator.plan.PlanInput;
import org.barnraiser.coordinator.plan.PlanOutcome;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Planner;
import org.barnraiser.coordinator.plan.Preferences;
import org.barnraiser.coordinator.plan.Speed;
import org.barnraiser.coordinator.plan.Timing;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/** Asks the planner that runs the cluster whether a model fits. Pure. */
public final class FitCheck {
    private static final int QUESTION_TOKENS = 512;
    private static final int STEP_TOKENS = 256;
    /** Ways are guessed as roughly as machines. */
    private static final double LINK_DOUBT = 3;

    private final Planner planner;

    public FitCheck(Planner planner) {
        this.planner = planner;
    }

    /**
     * Places a model.
     *
     * @param machines with names of their own each
     */
    public Fit check(Model model, ImmutableList<Machine> machines, Wanted wanted) {
        ImmutableList<MachineOffer> offers = machines.stream()
                .map(machine -> offer(machine,
                        machine.pace().map(Machine.Pace::likely).orElse(Speed.UNKNOWN)))
                .collect(toImmutableList());
        long modelBytes = model.needs().stageBytes(0, model.needs().layerCount());
        long lentBytes = machines.stream().mapToLong(Machine::memoryBytes).sum();
        PlanInput input = new PlanInput(model.needs(), offers,
                Preferences.stages(wanted.everyMachine() ? offers.size() : 0), wanted.aim(), links(machines, 1));
        return switch (planner.afresh(input)) {
            case PlanOutcome.Planned(var plan) -> {
                ImmutableList<Fit.Stage> stages = stages(plan.stages());
                yield new Fit(true, 0, "", modelBytes, lentBytes, model.needs().layerCount(), model.estimated(), stages,
                        unused(machines, stages), speed(model, plan.stages(), machines, wanted));
            }
            case PlanOutcome.DoesNotFit(long missing, String reason) -> new Fit(false, missing, reason, modelBytes,
                    lentBytes, model.needs().layerCount(), model.estimated(), ImmutableList.of(), ImmutableList.of(),
                    Optional.empty());
        };
    }

    private static MachineOffer offer(Machine machine, Speed speed) {
        return new MachineOffer(machine.name(), machine.name(), "", machine.memoryBytes(), speed, machine.trusted());
    }

    private static ImmutableList<Fit.Stage> stages(ImmutableList<PlannedStage> planned) {
        return planned.stream()
                .map(stage -> new Fit.Stage(stage.machine().workerId(), stage.first(), stage.last(),
                        stage.memoryBytes(), stage.machine().usableMemoryBytes()))
                .collect(toImmutableList());
    }

    private static ImmutableList<String> unused(ImmutableList<Machine> machines, ImmutableList<Fit.Stage> stages) {
        ImmutableSet<String> used = stages.stream().map(Fit.Stage::machine).collect(toImmutableSet());
        return machines.stream().map(Machine::name).filter(name -> !used.contains(name)).collect(toImmutableList());
    }

    private static Optional<Fit.Speed> speed(Model model, ImmutableList<PlannedStage> stages,
            ImmutableList<Machine> machines, Wanted wanted) {
        ImmutableMap<String, Machine> byName = Maps.uniqueIndex(machines, Machine::name);
        if (!stages.stream().allMatch(stage -> stage.machine().speed().isKnown())) {
            return Optional.empty();
        }
        Timing likely = timing(model, stages, byName, Machine.Pace::likely, links(machines, 1));
        Timing slow = timing(model, stages, byName, Machine.Pace::slow, links(machines, LINK_DOUBT));
        Timing fast = timing(model, stages, byName, Machine.Pace::fast, links(machines, 1 / LINK_DOUBT));
        int together = Math.min(wanted.readers(), wanted.slots());
        int rounds = Math.ceilDiv(wanted.readers(), wanted.slots());
        long first = millis(likely.firstTokenSeconds(QUESTION_TOKENS, STEP_TOKENS));
        long manyFirst = rounds == 1
                ? millis(likely.firstTokenSeconds(QUESTION_TOKENS * together, STEP_TOKENS))
                : 0;
        ImmutableList.Builder<Double> stageMillis = ImmutableList.builder();
        for (int stage = 0; stage < stages.size(); stage++) {
            stageMillis.add(likely.stageSeconds(stage, 1) * 1e3);
        }
        return Optional.of(new Fit.Speed(1 / slow.secondsPerToken(), 1 / likely.secondsPerToken(),
                1 / fast.secondsPerToken(), wanted.readers(), likely.tokensPerSecond(together), first,
                manyFirst, QUESTION_TOKENS, stages.get(likely.slowestStage()).machine().workerId(),
                stageMillis.build()));
    }

    private static Timing timing(Model model, ImmutableList<PlannedStage> stages, ImmutableMap<String, Machine> byName,
            Function<Machine.Pace, Speed> speed, Links links) {
        return Timing.of(model.needs(), stages.stream().map(stage -> {
            Machine machine = byName.get(stage.machine().workerId());
            if (machine == null) {
                throw new IllegalStateException("no machine is named " + stage.machine().workerId());
            }
            return new PlannedStage(offer(machine, machine.pace().map(speed).orElse(Speed.UNKNOWN)), stage.first(),
                    stage.last(), stage.memoryBytes());
        }).toList(), links);
    }

    private static long millis(double seconds) {
        return Math.round(seconds * 1e3);
    }

    /** A way is as good as the worse of its two ends. */
    private static Links links(ImmutableList<Machine> machines, double doubt) {
        Link usual = new Link(Link.USUAL.seconds() * doubt, Link.USUAL.bytesPerSecond());
        if (machines.stream().allMatch(machine -> machine.link().isEmpty())) {
            return new Links(ImmutableMap.of(), usual);
        }
        ImmutableMap.Builder<Hop, Link> known = ImmutableMap.builder();
        for (Machine from : machines) {
            for (Machine to : machines) {
                if (!from.name().equals(to.name())) {
                    Link one = from.link().orElse(usual);
                    Link other = to.link().orElse(usual);
                    known.put(new Hop(from.name(), to.name()),
                            new Link(Math.max(one.seconds(), other.seconds()),
                                    Math.min(one.bytesPerSecond(), other.bytesPerSecond())));
                }
            }
        }
        return new Links(known.buildOrThrow(), usual);
    }
}

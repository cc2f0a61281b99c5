package org.barnraiser.coordinator.web.fit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.Optional;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.coordinator.plan.PlanInput;
import org.barnraiser.coordinator.plan.PlanOutcome;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Planner;
import org.barnraiser.coordinator.plan.Preferences;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/** Asks the planner that runs the cluster whether a model fits. Pure. */
public final class FitCheck {
    private final Planner planner;

    public FitCheck(Planner planner) {
        this.planner = planner;
    }

    /**
     * Places a model.
     *
     * @param machines with names of their own each
     */
    public Fit check(Model model, ImmutableList<Machine> machines) {
        ImmutableList<MachineOffer> offers = machines.stream()
                .map(machine -> new MachineOffer(machine.name(), "", "", machine.memoryBytes()))
                .collect(toImmutableList());
        long modelBytes = model.needs().stageBytes(0, model.needs().layerCount());
        long lentBytes = machines.stream().mapToLong(Machine::memoryBytes).sum();
        return switch (planner.plan(new PlanInput(model.needs(), offers, Preferences.stages(offers.size())))) {
            case PlanOutcome.Planned(var plan) -> fits(model, machines, plan.stages(), modelBytes, lentBytes);
            case PlanOutcome.DoesNotFit(long missing, _) -> new Fit(false, missing, modelBytes, lentBytes,
                    model.needs().layerCount(), model.estimated(), ImmutableList.of(), ImmutableList.of(),
                    Optional.empty());
        };
    }

    private static Fit fits(Model model, ImmutableList<Machine> machines, ImmutableList<PlannedStage> planned,
            long modelBytes, long lentBytes) {
        ImmutableList<Fit.Stage> stages = planned.stream()
                .map(stage -> new Fit.Stage(stage.machine().workerId(), stage.first(), stage.last(),
                        stage.memoryBytes(), stage.machine().usableMemoryBytes()))
                .collect(toImmutableList());
        ImmutableSet<String> used = stages.stream().map(Fit.Stage::machine).collect(toImmutableSet());
        ImmutableList<String> unused = machines.stream().map(Machine::name).filter(name -> !used.contains(name))
                .collect(toImmutableList());
        ImmutableMap<String, Machine> byName = Maps.uniqueIndex(machines, Machine::name);
        return new Fit(true, 0, modelBytes, lentBytes, model.needs().layerCount(), model.estimated(), stages, unused,
                SpeedEstimate.of(model, planned, byName));
    }
}

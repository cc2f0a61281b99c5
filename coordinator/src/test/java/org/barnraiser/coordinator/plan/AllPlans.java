package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/** Every plan there is: all machines in all orders, all cuts. For a few machines and layers only. */
final class AllPlans {
    private final PlanInput input;
    private final List<ImmutableList<PlannedStage>> found = new ArrayList<>();

    private AllPlans(PlanInput input) {
        this.input = input;
    }

    static List<ImmutableList<PlannedStage>> of(PlanInput input) {
        AllPlans plans = new AllPlans(input);
        plans.extend(new ArrayList<>(), 0);
        return plans.found;
    }

    /** Infinite when nothing fits. */
    static double leastSeconds(PlanInput input, int stages) {
        return of(input).stream().filter(plan -> stages == 0 || plan.size() == stages)
                .mapToDouble(plan -> OrderSearch.seconds(input, plan)).min().orElse(Double.POSITIVE_INFINITY);
    }

    private void extend(List<PlannedStage> stages, int first) {
        if (first == input.needs().layerCount()) {
            found.add(ImmutableList.copyOf(stages));
            return;
        }
        for (MachineOffer machine : input.machines()) {
            if (stages.stream().anyMatch(stage -> stage.machine().equals(machine))
                    || (!stages.isEmpty() && input.preferences().isCut(stages.getLast().machine(), machine))) {
                continue;
            }
            for (int last : input.needs().cutPoints().asList()) {
                boolean end = first == 0 || last == input.needs().layerCount();
                if (last <= first || input.needs().stageBytes(first, last) > machine.budgetBytes()
                        || (end && input.aim().trustedEnds() && !machine.trusted())) {
                    continue;
                }
                stages.add(new PlannedStage(machine, first, last, input.needs().stageBytes(first, last)));
                extend(stages, last);
                stages.removeLast();
            }
        }
    }
}

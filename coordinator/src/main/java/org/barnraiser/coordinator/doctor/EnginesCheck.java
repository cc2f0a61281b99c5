package org.barnraiser.coordinator.doctor;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;

/** Whether all workers compute with the same llama.cpp: two versions may differ in the last bits. */
final class EnginesCheck implements Check {
    private final List<Member> workers;

    EnginesCheck(List<Member> workers) {
        this.workers = workers;
    }

    @Override
    public String subject() {
        return "versions";
    }

    @Override
    public List<Finding> findings() {
        Map<String, String> byBuild = workers.stream().collect(groupingBy(Member::build, TreeMap::new,
                mapping(Member::name, joining(", "))));
        if (byBuild.size() > 1) {
            return List.of(Finding.warning(subject(), "The workers compute with different versions of llama.cpp: "
                    + byBuild.entrySet().stream().map(entry -> entry.getKey() + " on " + entry.getValue())
                            .collect(joining("; "))
                    + ".",
                    "Use the same llama.cpp everywhere (--llama-lib), so that answers can be repeated exactly."));
        }
        return byBuild.keySet().stream()
                .map(build -> Finding.ok(subject(), "All workers compute with llama.cpp " + build + ".")).toList();
    }
}

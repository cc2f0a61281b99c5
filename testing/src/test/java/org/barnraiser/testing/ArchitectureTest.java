package org.barnraiser.testing;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** Dependencies point one way: coordinator → proto ← worker, and inside each from the command line down. */
@AnalyzeClasses(packages = "org.barnraiser", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String COORDINATOR = "org.barnraiser.coordinator..";
    private static final String WORKER = "org.barnraiser.worker..";

    @ArchTest
    static final ArchRule coordinator_and_worker_do_not_know_each_other = noClasses().that()
            .resideInAPackage(COORDINATOR)
            .should().dependOnClassesThat().resideInAnyPackage(WORKER, "de.kherud..");

    @ArchTest
    static final ArchRule worker_does_not_know_the_coordinator = noClasses().that().resideInAPackage(WORKER).should()
            .dependOnClassesThat().resideInAPackage(COORDINATOR);

    @ArchTest
    static final ArchRule trust_knows_neither = noClasses().that().resideInAPackage("org.barnraiser.trust..").should()
            .dependOnClassesThat().resideInAnyPackage(COORDINATOR, WORKER);

    @ArchTest
    static final ArchRule the_coordinator_loads_no_native_code = noClasses().that().resideInAPackage(COORDINATOR)
            .should()
            .dependOnClassesThat().belongToAnyOf(Linker.class, SymbolLookup.class).orShould()
            .callMethod(System.class, "load", String.class).orShould()
            .callMethod(System.class, "loadLibrary", String.class);

    @ArchTest
    static final ArchRule only_the_binding_calls_llama_cpp = noClasses().that().resideInAPackage(WORKER).and()
            .resideOutsideOfPackage("org.barnraiser.worker.llama..").should().dependOnClassesThat()
            .belongToAnyOf(Linker.class, SymbolLookup.class);

    @ArchTest
    static final ArchRule packages_of_the_coordinator_form_no_circle = slices()
            .matching("org.barnraiser.coordinator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packages_of_the_worker_form_no_circle = slices().matching("org.barnraiser.worker.(*)..")
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule the_reader_of_files_knows_nothing_of_the_cluster = classes().that()
            .resideInAPackage("org.barnraiser.coordinator.gguf..").should().onlyDependOnClassesThat()
            .resideOutsideOfPackages("org.barnraiser.coordinator.plan..", "org.barnraiser.coordinator.cluster..",
                    "org.barnraiser.coordinator.schedule..", "org.barnraiser.coordinator.api..");

    @ArchTest
    static final ArchRule the_scheduler_knows_no_network = noClasses().that()
            .resideInAPackage("org.barnraiser.coordinator.schedule..").should().dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "java.net..", "org.apache.curator..");

    @ArchTest
    static final ArchRule the_api_sees_a_model_and_no_cluster = noClasses().that()
            .resideInAPackage("org.barnraiser.coordinator.api..").should().dependOnClassesThat()
            .resideInAnyPackage("org.barnraiser.coordinator.cluster..", "org.barnraiser.coordinator.schedule..",
                    "org.barnraiser.coordinator.gguf..");

    @ArchTest
    static final ArchRule no_class_is_named_after_nothing = noClasses().should()
            .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)");
}

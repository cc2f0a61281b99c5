package org.barnraiser.operator;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** The operator knows coordinators by their HTTP alone, and decides without a client. */
@AnalyzeClasses(packages = "org.barnraiser.operator", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_operator_knows_neither_coordinator_nor_worker = noClasses().should().dependOnClassesThat()
            .resideInAnyPackage("org.barnraiser.coordinator..", "org.barnraiser.worker..");

    @ArchTest
    static final ArchRule packages_form_no_circle = slices().matching("org.barnraiser.operator.(*)..").should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule decisions_use_no_client = noClasses().that()
            .resideInAnyPackage("org.barnraiser.operator.manifests..", "org.barnraiser.operator.scale..",
                    "org.barnraiser.operator.crd..")
            .should().dependOnClassesThat().haveNameMatching(".*(KubeApi|ApiClient|HttpClient|OkHttpClient)");
}

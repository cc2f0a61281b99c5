package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class PlanCommandTest {
    private final StringWriter output = new StringWriter();
    private final StringWriter errors = new StringWriter();
    @TempDir
    private Path folder;

    @Test
    void a_plan_in_json_has_the_fields_that_scripts_rely_on() throws Exception {
        assertThat(run("plan", demo(), "--json", "--machine", "name=attic,memory=1G,bandwidth=50GB/s")).isZero();
        JsonNode json = new ObjectMapper().readTree(output.toString());
        assertThat(json.path("fits").isBoolean()).isTrue();
        assertThat(json.path("fits").asBoolean()).isTrue();
        assertThat(json.path("missingBytes").asLong(-1)).isZero();
        JsonNode stage = json.path("stages").path(0);
        assertThat(stage.path("machine").asText()).isEqualTo("attic");
        assertThat(stage.path("first").asInt(-1)).isZero();
        assertThat(stage.path("last").asInt()).isPositive();
        assertThat(stage.path("memoryBytes").asLong()).isPositive();
        assertThat(json.path("tokensPerSecond").path("1").asDouble()).isPositive();
        assertThat(json.path("tokensPerSecond").path("8").asDouble())
                .isGreaterThan(json.path("tokensPerSecond").path("1").asDouble());
        assertThat(json.path("timeToFirstTokenMillis").isIntegralNumber()).isTrue();
    }

    @Test
    void what_does_not_fit_is_an_answer_and_says_how_much_is_missing() throws Exception {
        assertThat(run("plan", demo(), "--json", "--machine", "name=tiny,memory=100K,bandwidth=50GB/s")).isZero();
        JsonNode json = new ObjectMapper().readTree(output.toString());
        assertThat(json.path("fits").asBoolean(true)).isFalse();
        assertThat(json.path("stages").isArray()).isTrue();
        long missing = json.path("missingBytes").asLong();
        assertThat(missing).isPositive();
        output.getBuffer().setLength(0);
        assertThat(run("plan", demo(), "--json", "--machine", "name=tiny,memory=100K,bandwidth=50GB/s", "--machine",
                "name=new,memory=" + Math.ceilDiv(missing, 1024) + "K")).isZero();
        assertThat(new ObjectMapper().readTree(output.toString()).path("fits").asBoolean()).isTrue();
    }

    @Test
    void people_get_a_table_with_a_bar_for_each_machine_and_what_else_they_could_do() throws Exception {
        assertThat(run("plan", demo(), "--machine", "rtx-3090", "--machine", "macbook-m2-16g")).isZero();
        assertThat(output.toString()).contains("It fits").contains("rtx-3090").contains("###").contains("tokens/s")
                .contains("likely between").contains("Without macbook-m2-16g").contains("With one more like");
        assertThat(output.toString().lines().map(String::length)).allMatch(length -> length <= 80);
    }

    @Test
    void without_a_machine_this_one_is_measured_and_that_is_said() throws Exception {
        assertThat(run("plan", demo())).isZero();
        assertThat(output.toString()).contains("this machine").contains("No machine was named");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "name=a,memroy=2G|memroy",
            "name=a,memory=2X|2X",
            "name=a,memory=0G|0G",
            "name=a|memory is missing",
            "name=a,memory=2G,bandwidth=fast|bandwidth",
            "name=a,memory=2G,memory=3G|twice",
            "name=a,memory|no key=value",
            "rtx-9999|not in the catalogue",
            "99x rtx-3090|count is 99",
            "name=a,memory=2G,trusted=perhaps|trusted"
    })
    void a_machine_that_cannot_be_read_gets_one_sentence(String line, String named) throws Exception {
        assertThat(run("plan", demo(), "--machine", line)).isNotZero();
        assertThat(errors.toString()).contains(line).contains(named).doesNotContain("Exception");
        assertThat(errors.toString().strip().lines()).hasSize(1);
    }

    @Test
    void a_file_that_is_no_model_gets_one_sentence() throws Exception {
        Path text = Files.writeString(folder.resolve("notes.gguf"), "not a model");
        assertThat(run("plan", text.toString(), "--machine", "rtx-3090")).isNotZero();
        assertThat(errors.toString()).contains("notes.gguf").contains("not a GGUF file");
        assertThat(run("plan", folder.resolve("nowhere.gguf").toString(), "--machine", "rtx-3090")).isNotZero();
        assertThat(errors.toString()).contains("there is no file");
    }

    @Test
    void of_a_model_on_a_hub_only_the_beginning_is_fetched() throws Exception {
        Path demo = Path.of(demo());
        try (HeaderHub hub = HeaderHub.start(demo, 64L << 20)) {
            assertThat(run("plan", "hf:riverside/demo", "--hub", hub.address(), "--json", "--machine", "rtx-3090"))
                    .as(errors::toString).isZero();
            assertThat(new ObjectMapper().readTree(output.toString()).path("fits").asBoolean()).isTrue();
            assertThat(hub.bytesSent()).isPositive().isLessThan(Files.size(demo));
        }
    }

    @Test
    void what_a_hub_or_a_server_refuses_is_said_in_one_sentence() throws Exception {
        try (HeaderHub hub = HeaderHub.start(Path.of(demo()), 0)) {
            for (String model : ImmutableList.of("hf:riverside/gated", "hf:riverside/nothing", "hf:riverside/demo/Q9_X",
                    hub.address() + "/no/such.gguf", hub.address() + "/page.gguf", "hf:riverside")) {
                errors.getBuffer().setLength(0);
                assertThat(run("plan", model, "--hub", hub.address(), "--machine", "rtx-3090")).as(model).isNotZero();
                assertThat(errors.toString()).as(model).startsWith("barn: ").doesNotContain("Exception");
                assertThat(errors.toString().strip().lines()).as(model).hasSize(1);
            }
        }
    }

    @Test
    void the_catalogue_can_be_shown() {
        assertThat(run("plan", "--catalogue")).isZero();
        assertThat(output.toString()).contains("rtx-3090").contains("macbook-m2-16g").contains("GB/s");
    }

    private String demo() throws CommandException, IOException {
        return DemoModel.writeTo(Files.createDirectories(folder.resolve("models"))).toString();
    }

    private int run(String... arguments) {
        return Barn.commandLine(new Barn()).setOut(new PrintWriter(output, true)).setErr(new PrintWriter(errors, true))
                .execute(arguments);
    }
}

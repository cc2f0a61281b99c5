package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

class BarnTest {
    private final StringWriter errors = new StringWriter();

    @Test
    void a_bad_option_gets_one_sentence_and_a_hint() {
        assertThat(run("up", "--workers", "many")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("--workers").contains("'many'").contains("barn up --help")
                .doesNotContain("Exception");
    }

    @Test
    void a_model_that_is_not_there_is_named(@TempDir Path data) {
        assertThat(run("up", "--data", data.toString(), "--model", "/nowhere/model.gguf", "--port", "0"))
                .isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("/nowhere/model.gguf; check --model.").doesNotContain("at org.");
    }

    @Test
    void a_draft_model_that_is_not_there_is_named_with_its_own_option(@TempDir Path data) {
        assertThat(run("up", "--data", data.toString(), "--draft", "/nowhere/draft.gguf", "--port", "0"))
                .isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("/nowhere/draft.gguf; check --draft.").doesNotContain("--model");
    }

    @Test
    void a_wrong_word_for_the_workers_engines_is_refused_before_anything_is_started() {
        assertThat(run("up", "--gpu-layers", "most")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("--gpu-layers is most; it must be a number of layers, or auto.");
        assertThat(run("up", "--cache-type", "q2")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("--cache-type is q2; it must be f16 or q8_0.");
    }

    @Test
    void the_words_for_the_workers_engines_are_passed_on() throws Exception {
        EngineOptions options = new EngineOptions();
        new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("engine",
                CommandLine.Model.CommandSpec.forAnnotatedObject(options))).parseArgs("--llama-lib", "bundled",
                        "--gpu-layers", "12", "--device", "CUDA0,CUDA1", "--cache-type", "q8_0");
        assertThat(options.arguments()).containsExactly("--llama-lib", "bundled", "--gpu-layers", "12", "--device",
                "CUDA0,CUDA1", "--cache-type", "q8_0");
    }

    @Test
    void status_says_what_to_do_when_nobody_answers() {
        assertThat(run("status", "--url", "http://localhost:1")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("no Barnraiser answers at http://localhost:1").contains("barn up");
    }

    @Test
    void the_script_knows_every_command() throws Exception {
        String script = Files.readString(Path.of("..", "barn"));
        assertThat(Barn.commandLine(new Barn()).getSubcommands().keySet()).isNotEmpty().allSatisfy(command -> {
            assertThat(script).as("what it passes on").containsPattern("[ |]" + command + " [|]");
            assertThat(script).as("its help").contains("./barn " + command + " ");
        });
    }

    private int run(String... arguments) {
        return Barn.commandLine(new Barn()).setErr(new PrintWriter(errors, true))
                .execute(arguments);
    }
}

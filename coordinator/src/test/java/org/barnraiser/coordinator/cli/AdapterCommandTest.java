package org.barnraiser.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barnraiser.coordinator.adapter.AdapterStore;
import org.barnraiser.coordinator.adapter.Adapters;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TinyAdapter;
import org.barnraiser.coordinator.gguf.TinyModel;
import org.barnraiser.coordinator.model.AdapterDescription;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@SuppressWarnings("NullAway.Init")
class AdapterCommandTest {
    private final StringWriter output = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path folder;
    private Path data;
    private Path model;
    private Path adapter;

    @BeforeEach
    void write_a_model_and_an_adapter_for_it() throws IOException {
        data = folder.resolve("data");
        model = TinyModel.of("llama", 2).writeTo(folder.resolve("model.gguf"));
        try (ModelFile opened = ModelFile.open(model)) {
            adapter = TinyAdapter.of(opened).writeTo(folder.resolve("poet.gguf"));
        }
    }

    @Test
    void an_adapter_is_kept_shown_used_and_removed() throws Exception {
        assertThat(run("list")).isZero();
        assertThat(output.toString()).contains("no adapters");
        assertThat(run("add", adapter.toString(), "--model", model.toString())).as(errors::toString).isZero();
        assertThat(run("add", adapter.toString(), "--model", model.toString(), "--name", "bard")).isZero();
        Files.delete(adapter);
        try (ModelFile opened = ModelFile.open(model)) {
            String digest = Manifest.of(opened).digest();
            try (Adapters adapters = Adapters.open(new AdapterStore(data), opened, digest)) {
                assertThat(adapters.descriptions()).extracting(AdapterDescription::name).containsExactly("bard",
                        "poet");
                assertThat(adapters.cuts(0, 1)).as("the same file under two names is sent once").hasSize(1);
            }
            output.getBuffer().setLength(0);
            assertThat(run("list")).isZero();
            assertThat(output.toString()).contains("poet  for sha256:" + digest);
        }
        assertThat(run("remove", "poet")).isZero();
        assertThat(run("remove", "poet")).isNotZero();
        assertThat(errors.toString()).contains("there is no adapter poet");
    }

    @Test
    void an_adapter_that_does_not_fit_is_refused_by_tensor_and_shape_and_not_kept() throws Exception {
        Path wider = TinyModel.of("qwen2", 2).writeTo(folder.resolve("other.gguf"));
        assertRefused("is for models of the architecture llama", "add", adapter.toString(), "--model",
                wider.toString());
        Path shorter = TinyModel.of("llama", 1).writeTo(folder.resolve("shorter.gguf"));
        assertRefused("tensor blk.1.attn_q.weight.lora_a", "add", adapter.toString(), "--model", shorter.toString());
        assertThat(new AdapterStore(data).all()).isEmpty();
    }

    @Test
    void names_that_are_taken_or_no_names_and_files_that_are_no_adapters_are_refused_in_one_sentence() {
        assertThat(run("add", adapter.toString(), "--model", model.toString())).isZero();
        assertRefused("already", "add", adapter.toString(), "--model", model.toString());
        assertRefused("cannot be called", "add", adapter.toString(), "--model", model.toString(), "--name", "a+b");
        assertRefused("cannot be called", "add", adapter.toString(), "--model", model.toString(), "--name", "../x");
        assertRefused("no LoRA adapter", "add", model.toString(), "--model", model.toString(), "--name", "x");
        assertRefused("there is no such file", "add", folder.resolve("no.gguf").toString(), "--model",
                model.toString());
    }

    @Test
    void an_adapter_that_was_damaged_later_is_named_when_its_model_is_to_be_hosted() throws Exception {
        assertThat(run("add", adapter.toString(), "--model", model.toString())).isZero();
        AdapterStore store = new AdapterStore(data);
        Path kept = store.all().getFirst().file();
        Files.write(kept, new byte[]{1, 2, 3});
        try (ModelFile opened = ModelFile.open(model)) {
            String digest = store.all().getFirst().modelDigest();
            assertThatThrownBy(() -> Adapters.open(store, opened, digest))
                    .hasMessageContaining("The adapter poet cannot be used")
                    .hasMessageContaining("barn adapter remove");
        }
    }

    private void assertRefused(String reason, String... arguments) {
        errors.getBuffer().setLength(0);
        assertThat(run(arguments)).isNotZero();
        assertThat(errors.toString()).startsWith("barn: ").contains(reason).doesNotContain("Exception");
        assertThat(errors.toString().strip().lines()).hasSize(1);
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "adapter";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--data";
        all[arguments.length + 2] = data.toString();
        return Barn.commandLine(new Barn()).setOut(new PrintWriter(output, true)).setErr(new PrintWriter(errors, true))
                .execute(all);
    }
}

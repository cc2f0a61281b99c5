package org.barnraiser.worker.engine;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.worker.SecondLibrary;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class EngineCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path data;

    @Test
    void all_engines_are_listed_with_what_they_see_or_why_they_cannot_be_used() throws Exception {
        Optional<Path> second = SecondLibrary.find();
        Assumptions.assumeTrue(second.isPresent(), "no second llama.cpp here");
        Path engines = Files.createDirectories(data.resolve("engines"));
        Files.createSymbolicLink(engines.resolve("cpu-1"), second.orElseThrow().toRealPath());
        Files.writeString(Files.createDirectories(engines.resolve("broken")).resolve(System.mapLibraryName("llama")),
                "no library");
        assertThat(execute("list", "--json", "--data", data.toString())).isZero();
        JsonObject listing = JsonParser.parseString(out.toString()).getAsJsonObject();
        JsonArray found = listing.getAsJsonArray("engines");
        assertThat(found).hasSize(3);
        JsonObject broken = found.get(0).getAsJsonObject();
        assertThat(broken.get("usable").getAsBoolean()).isFalse();
        assertThat(broken.get("problem").getAsString()).contains("cannot be opened");
        JsonObject current = found.get(1).getAsJsonObject();
        assertThat(current.get("source").getAsString()).isEqualTo("installed");
        assertThat(current.get("abi").getAsString()).isEqualTo("v0.5");
        assertThat(current.get("chosen").getAsBoolean()).isTrue();
        JsonObject device = current.getAsJsonArray("devices").get(0).getAsJsonObject();
        assertThat(device.get("name").getAsString()).isEqualTo("CPU");
        assertThat(device.get("totalBytes").getAsLong()).isPositive();
        assertThat(found.get(2).getAsJsonObject().get("source").getAsString()).isEqualTo("bundled");
        assertThat(listing.get("reason").getAsString()).contains("newest of 2");
    }

    @Test
    void what_is_wrong_is_said_in_one_line() {
        assertThat(execute()).isEqualTo(2);
        assertThat(execute("install")).isEqualTo(2);
        assertThat(execute("install", "abacus", "--data", data.toString())).isEqualTo(1);
        assertThat(errors.toString().strip().lines()).hasSize(3).allMatch(line -> line.startsWith("barn engine: "))
                .last().asString().contains("'abacus'");
    }

    private int execute(String... arguments) {
        return EngineCommand.commandLine(EngineCatalogue.read("linux-x64"), Map.of(SearchPlaces.VARIABLE, "none"))
                .setOut(new PrintWriter(out, true)).setErr(new PrintWriter(errors, true)).execute(arguments);
    }
}

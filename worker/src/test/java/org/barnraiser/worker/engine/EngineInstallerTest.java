package org.barnraiser.worker.engine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** With this machine's npm and a registry that does what it is told. */
@DisabledOnOs(OS.WINDOWS)
class EngineInstallerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String NAME = "@barnraiser-test/engine";

    @TempDir
    private Path data;

    @Test
    void an_engine_is_installed_once_and_only_what_is_needed_of_it() throws Exception {
        byte[] archive = Tarball.withLibrary(NAME).bytes();
        try (var registry = new FakeRegistry(NAME, archive, Tarball.sha512(archive))) {
            EngineInstaller installer = installer(archive, registry.url());
            Files.createDirectories(data.resolve("engines/.installing-of-a-crash/engine"));
            Path folder = installer.install("cpu", _ -> {});
            assertThat(folder).isEqualTo(data.resolve("engines/cpu-1.0.0"));
            assertThat(names(folder)).containsExactlyInAnyOrder("LICENSE", "fallback", System.mapLibraryName("llama"));
            assertThat(names(data.resolve("engines"))).containsExactlyInAnyOrder(".lock", "cpu-1.0.0");
            assertThat(installer.install("cpu", _ -> {})).isEqualTo(folder);
            assertThat(registry.fetches()).isEqualTo(1);
        }
    }

    @Test
    void an_archive_that_is_not_what_the_registry_announces_is_refused() throws Exception {
        byte[] archive = Tarball.withLibrary(NAME).bytes();
        try (var registry = new FakeRegistry(NAME, archive, Tarball.sha512(new byte[1]))) {
            refused(archive, registry, "EINTEGRITY");
        }
    }

    @Test
    void a_registry_that_gives_and_announces_something_else_is_not_believed() throws Exception {
        byte[] archive = Tarball.withLibrary(NAME).bytes();
        byte[] other = Tarball.withLibrary(NAME).file("package/bins/here/more.so", "more").bytes();
        try (var registry = new FakeRegistry(NAME, other, Tarball.sha512(other))) {
            refused(archive, registry, "its sha512 differs");
        }
    }

    @Test
    void a_torn_archive_is_refused_even_when_its_digest_fits() throws Exception {
        byte[] whole = Tarball.withLibrary(NAME).bytes();
        byte[] torn = Arrays.copyOf(whole, whole.length - 40);
        try (var registry = new FakeRegistry(NAME, torn, Tarball.sha512(torn))) {
            refused(torn, registry, "");
        }
    }

    @Test
    void an_archive_that_leads_out_of_its_folder_is_refused_even_when_its_digest_fits() throws Exception {
        byte[] archive = Tarball.withLibrary(NAME).file("package/../../../../evil", "evil").bytes();
        try (var registry = new FakeRegistry(NAME, archive, Tarball.sha512(archive))) {
            refused(archive, registry, "leads out of it");
        }
    }

    @Test
    void an_archive_without_a_library_is_refused() throws Exception {
        byte[] archive = new Tarball().file("package/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}").bytes();
        try (var registry = new FakeRegistry(NAME, archive, Tarball.sha512(archive))) {
            refused(archive, registry, "no libllama");
        }
    }

    @Test
    void a_registry_that_is_down_is_told() throws Exception {
        byte[] archive = Tarball.withLibrary(NAME).bytes();
        var registry = new FakeRegistry(NAME, archive, Tarball.sha512(archive));
        registry.close();
        refused(archive, registry, "ECONNREFUSED");
    }

    @Test
    void an_npm_that_takes_too_long_is_given_up() throws Exception {
        byte[] archive = Tarball.withLibrary(NAME).bytes();
        try (var registry = new FakeRegistry(NAME, archive, Tarball.sha512(archive))) {
            EngineInstaller installer = installer(archive, registry.url(), Duration.ofMillis(1));
            assertThatThrownBy(() -> installer.install("cpu", _ -> {})).isInstanceOf(EngineException.class)
                    .hasMessageContaining("try again on a faster network");
            assertThat(names(data.resolve("engines"))).containsExactly(".lock");
        }
    }

    @Test
    void without_npm_it_is_told_what_to_install() {
        var installer = new EngineInstaller(data, EngineCatalogue.read("linux-x64"), Map.of("PATH", data.toString()),
                PATIENCE);
        assertThatThrownBy(() -> installer.install("vulkan", _ -> {})).isInstanceOf(EngineException.class)
                .hasMessageContaining("apt install npm");
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void a_kind_that_there_is_not_is_told_with_those_that_there_are() {
        assertThatThrownBy(() -> EngineCatalogue.read("linux-x64").packages("rocm"))
                .isInstanceOf(EngineException.class).hasMessageContaining("cpu, vulkan, cuda");
        assertThatThrownBy(() -> EngineCatalogue.read("linux-s390").packages("cpu"))
                .isInstanceOf(EngineException.class).hasMessageContaining("linux-s390");
    }

    @Test
    void every_kind_of_machine_has_its_packages() throws Exception {
        for (String platform : List.of("linux-x64", "linux-arm64", "mac-arm64", "mac-x64", "win-x64", "win-arm64")) {
            assertThat(EngineCatalogue.read(platform).packages("cpu")).as(platform).hasSize(1);
        }
        assertThat(EngineCatalogue.read("linux-x64").packages("cuda")).hasSize(2);
    }

    /** The one test that needs the internet. */
    @Test
    void the_real_registry_gives_an_engine_that_works() throws Exception {
        assumeNpm();
        try {
            new EngineInstaller(data, EngineCatalogue.here(), System.getenv(), PATIENCE).install("cpu", _ -> {});
        } catch (EngineException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.matches("npm (could not fetch|has not fetched).*") || reason.contains("EINTEGRITY")) {
                throw e;
            }
            skip("npm's registry is not reached from here: " + reason);
        }
        var out = new StringWriter();
        var errors = new StringWriter();
        int status = EngineCommand.commandLine(EngineCatalogue.here(), System.getenv()).setOut(new PrintWriter(out))
                .setErr(new PrintWriter(errors)).execute("install", "cpu", "--data", data.toString());
        assertThat(errors.toString()).isEmpty();
        assertThat(status).isZero();
        assertThat(out.toString()).contains("It is installed already.").contains("interface v0.5").contains("CPU: CPU")
                .contains("Workers of this data folder use it");
    }

    private void refused(byte[] known, FakeRegistry registry, String reason) throws IOException {
        EngineInstaller installer = installer(known, registry.url());
        assertThatThrownBy(() -> installer.install("cpu", _ -> {})).isInstanceOf(EngineException.class)
                .hasMessageContaining(reason).hasMessageNotContaining("\n");
        assertThat(names(data.resolve("engines"))).containsExactly(".lock");
    }

    private EngineInstaller installer(byte[] known, String registry) {
        return installer(known, registry, PATIENCE);
    }

    private EngineInstaller installer(byte[] known, String registry, Duration patience) {
        assumeNpm();
        var environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).startsWith("npm_config_"));
        environment.put("no_proxy", "127.0.0.1");
        environment.put("NO_PROXY", "127.0.0.1");
        environment.put("npm_config_registry", registry);
        environment.put("npm_config_userconfig", data.resolve("no-npmrc").toString());
        return new EngineInstaller(data, new EngineCatalogue("test-x64",
                Map.of("cpu", List.of(new EnginePackage(NAME, "1.0.0", Tarball.sha512(known), 1)))), environment,
                patience);
    }

    private static void assumeNpm() {
        try {
            NpmClient.find(System.getenv(), PATIENCE);
        } catch (EngineException e) {
            skip("no npm here");
        }
    }

    private static void skip(String reason) {
        System.out.println("skipped: " + reason);
        Assumptions.abort(reason);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}

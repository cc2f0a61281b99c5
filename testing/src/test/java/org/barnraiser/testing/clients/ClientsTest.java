package org.barnraiser.testing.clients;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.barnraiser.testing.cluster.RunningBarn;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** Real clients from their registries against {@code barn up}. Content that must be right is forced by grammars. */
class ClientsTest {
    static final String MODEL = "barnraiser-demo";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path data;

    private static RunningBarn barn;

    @BeforeAll
    static void start() throws Exception {
        barn = RunningBarn.start(RunningBarn.Settings.demo(2, Files.createDirectory(data.resolve("barn"))))
                .awaitReady(PATIENCE);
    }

    @AfterAll
    static void stop() {
        barn.close();
    }

    @TestFactory
    List<DynamicTest> the_sdks_of_npm() throws Exception {
        List<String> lines = NodePrograms.install(Files.createDirectory(data.resolve("npm"))).check(url());
        assertThat(lines).as("checks").hasSizeGreaterThanOrEqualTo(28);
        return lines.stream().map(line -> dynamicTest(line.replaceAll("^(ok|failed) |: .*", ""),
                () -> assertThat(line).startsWith("ok "))).toList();
    }

    @TestFactory
    List<DynamicTest> openai_java() {
        return new OpenAiJava(url()).checks();
    }

    @TestFactory
    List<DynamicTest> anthropic_java() {
        return new AnthropicJava(url()).checks();
    }

    @TestFactory
    List<DynamicTest> langchain4j() {
        return new LangChain(url()).checks();
    }

    private static URI url() {
        return barn.url();
    }
}

package org.barnraiser.worker.service;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ServiceTest {
    private static final ImmutableList<String> ODD = ImmutableList.of("worker", "--name", "attic", "--available",
            "Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00", "--label", "say=\"50 %\" & $HOME <b> \\n");
    private static final Service SERVICE = new Service("attic", Path.of("/home/ada/the barn/barn"), ODD,
            Path.of("/usr/lib/jvm/jdk 25"));

    @Test
    void each_system_has_its_own_and_some_have_none() {
        assertThat(ServiceKind.of("Linux", false, true)).contains(ServiceKind.SYSTEMD_USER);
        assertThat(ServiceKind.of("Linux", true, true)).contains(ServiceKind.SYSTEMD_MACHINE);
        assertThat(ServiceKind.of("Linux", true, false)).as("a WSL without systemd").isEmpty();
        assertThat(ServiceKind.of("Mac OS X", false, false)).contains(ServiceKind.LAUNCHD_USER);
        assertThat(ServiceKind.of("Mac OS X", true, false)).contains(ServiceKind.LAUNCHD_MACHINE);
        assertThat(ServiceKind.of("Windows 11", false, false)).isEmpty();
    }

    @Test
    void a_unit_starts_the_worker_with_every_word_as_it_is() {
        String unit = ServiceKind.SYSTEMD_USER.text(SERVICE);
        assertThat(unit).contains("WantedBy=default.target", "Environment=\"JAVA_HOME=/usr/lib/jvm/jdk 25\"\n",
                "ExecStart=\"/home/ada/the barn/barn\" \"worker\" \"--name\" \"attic\" \"--available\""
                        + " \"Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00\" \"--label\""
                        + " \"say=\\\"50 %%\\\" & $$HOME <b> \\\\n\"\n");
        assertThat(ServiceKind.SYSTEMD_MACHINE.text(SERVICE)).contains("WantedBy=multi-user.target");
    }

    @Test
    void systemd_finds_nothing_wrong_with_a_unit(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(has("systemd-analyze"), "systemd-analyze is not on this machine.");
        Path barn = Files.createFile(folder.resolve("barn"));
        assertThat(barn.toFile().setExecutable(true)).isTrue();
        Path unit = Files.writeString(folder.resolve("barnraiser-worker-attic.service"),
                ServiceKind.SYSTEMD_MACHINE.text(new Service("attic", barn, ODD, folder)));
        Process verify = new ProcessBuilder("systemd-analyze", "verify", unit.toString()).redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).doesNotContain("barnraiser-worker-attic");
    }

    private static boolean has(String program) {
        return Files.isExecutable(Path.of("/usr/bin", program));
    }

    @Test
    void a_property_list_is_sound_xml_with_every_word_as_it_is() throws Exception {
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        parser.setEntityResolver((_, _) -> new InputSource(new ByteArrayInputStream(new byte[0])));
        Document list = parser.parse(new InputSource(new ByteArrayInputStream(
                ServiceKind.LAUNCHD_USER.text(SERVICE).getBytes(StandardCharsets.UTF_8))));
        NodeList strings = list.getElementsByTagName("string");
        List<String> words = new ArrayList<>();
        for (int i = 0; i < strings.getLength(); i++) {
            words.add(strings.item(i).getTextContent());
        }
        assertThat(words).containsSubsequence(ImmutableList.<String>builder().add("org.barnraiser.worker.attic")
                .add("/home/ada/the barn/barn").addAll(ODD).add("/usr/lib/jvm/jdk 25").build());
    }

    @ParameterizedTest
    @EnumSource(value = ServiceKind.class, names = {"SYSTEMD_USER", "LAUNCHD_USER"})
    void a_service_is_put_in_place_and_taken_away_again(ServiceKind kind, @TempDir Path home) throws Exception {
        List<List<String>> run = new ArrayList<>();
        Installation installation = new Installation(kind, home, "501", command -> {
            run.add(command);
            return 0;
        });
        assertThat(installation.remove("attic")).as("there is none").isFalse();
        installation.install(SERVICE);
        installation.install(SERVICE);
        assertThat(installation.file("attic")).hasContent(kind.text(SERVICE));
        assertThat(run.getLast()).contains(kind == ServiceKind.SYSTEMD_USER ? "systemctl" : "launchctl");
        assertThat(installation.remove("attic")).isTrue();
        assertThat(run.getLast()).isEqualTo(kind == ServiceKind.SYSTEMD_USER
                ? List.of("systemctl", "--user", "disable", "--now", "barnraiser-worker-attic.service")
                : List.of("launchctl", "bootout", "gui/501/org.barnraiser.worker.attic"));
        assertThat(installation.file("attic")).doesNotExist();
    }

    @Test
    void a_service_that_does_not_start_is_told_of_in_a_sentence(@TempDir Path home) {
        Installation installation = new Installation(ServiceKind.SYSTEMD_USER, home, "501", _ -> 1);
        assertThatThrownBy(() -> installation.install(SERVICE)).isInstanceOf(IOException.class)
                .hasMessageContaining("systemctl --user daemon-reload");
    }

    @Test
    void what_would_break_out_of_a_file_is_refused() {
        assertThatThrownBy(() -> new Service("attic", Path.of("/barn"), ImmutableList.of("a\nExecStartPre=x"),
                Path.of("/jdk"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Service("../x", Path.of("/barn"), ImmutableList.of(), Path.of("/jdk")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Optional.of(ServiceKind.LAUNCHD_USER.hint())).contains("");
    }
}

package org.barnraiser.worker;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.trust.Invitation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JoinCommandTest {
    private static final Invitation INVITATION = new Invitation("hall:7070", "ab".repeat(32), Invitation.newSecret());

    @Test
    void the_coordinators_address_goes_before_the_invitations_and_the_readers_after_it() {
        assertThat(addresses("10.0.0.1:7000")).containsExactly("10.0.0.1:7000", "hall:7070");
        assertThat(addresses("https://barn.example.org/chat")).containsExactly("hall:7070", "barn.example.org:7070");
        assertThat(addresses("hall:7070")).containsExactly("hall:7070");
    }

    private static List<String> addresses(String url) {
        return JoinCommand.ways(INVITATION, url).stream().map(Invitation::address).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hall", "https://", "http://[", "hall:x", "a b:1"})
    void what_is_no_address_is_refused_in_a_sentence(String url) {
        assertThatThrownBy(() -> JoinCommand.ways(INVITATION, url)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write ");
    }

    @Test
    void a_wrong_option_of_the_worker_is_told_before_anything_is_done(@TempDir Path data) {
        StringWriter errors = new StringWriter();
        int status = MemberMain.commandLine().setErr(new PrintWriter(errors)).execute("join", "hall:7070",
                INVITATION.token(), "--data", data.toString(), "--service", "no", "--", "--memmory", "8G");
        assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).startsWith("barn join: ").contains("--memmory");
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void who_leaves_keeps_the_weights_unless_they_are_to_go(@TempDir Path data) throws Exception {
        Path trust = Files.createDirectories(data.resolve("workers/attic/trust"));
        Files.writeString(trust.resolve("member.pem"), "key");
        Path shard = Files.writeString(data.resolve("workers/attic/shard"), "weights");
        // A process that is somebody else's by now.
        Files.writeString(data.resolve("workers/attic/running.properties"), "pid=1\naddress=127.0.0.1:1\n");
        assertThat(leave(data)).contains("Worker attic has left", "still in");
        assertThat(trust).doesNotExist();
        assertThat(shard).exists();
        assertThat(leave(data, "--delete-weights", "yes")).contains("deleted");
        assertThat(shard).doesNotExist();
        assertThat(data).isNotEmptyDirectory();
    }

    private static String leave(Path data, String... more) {
        StringWriter said = new StringWriter();
        CommandLine line = MemberMain.commandLine().setOut(new PrintWriter(said));
        String[] arguments = new String[5 + more.length];
        System.arraycopy(new String[]{"leave", "--name", "attic", "--data", data.toString()}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        assertThat(line.execute(arguments)).isZero();
        return said.toString();
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EmbeddedZooKeeperTest {
    @TempDir
    Path data;

    @Test
    void what_is_written_outlives_a_restart() throws Exception {
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data);
                ZooKeeperConnection connection = ZooKeeperConnection.open(server.connectString())) {
            connection.client().create().forPath("/kept", "yes".getBytes(UTF_8));
        }
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data);
                ZooKeeperConnection connection = ZooKeeperConnection.open(server.connectString())) {
            assertThat(connection.client().getData().forPath("/kept")).asString(UTF_8).isEqualTo("yes");
        }
        assertThat(data.resolve("zookeeper")).isDirectory();
    }

    @Test
    void it_listens_on_loopback_and_answers_only_the_commands_that_are_needed() throws Exception {
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data)) {
            HostAndPort address = HostAndPort.fromString(server.connectString());
            assertThat(InetAddress.getByName(address.getHost()).isLoopbackAddress()).isTrue();
            assertThat(answer(address, "ruok")).isEqualTo("imok");
            assertThat(answer(address, "srvr")).contains("Mode: standalone");
            assertThat(answer(address, "dump")).contains("not executed because it is not in the whitelist");
        }
    }

    @Test
    void a_data_folder_that_is_in_use_is_refused() throws Exception {
        try (EmbeddedZooKeeper _ = EmbeddedZooKeeper.start(data)) {
            assertThatThrownBy(() -> EmbeddedZooKeeper.start(data)).isInstanceOf(ClusterException.class)
                    .hasMessageContaining("Another Barnraiser is running").hasMessageContaining(data.toString());
        }
        EmbeddedZooKeeper.start(data).close();
    }

    @Test
    void a_data_folder_that_is_a_file_is_refused_by_name() throws Exception {
        Path file = Files.createFile(data.resolve("file"));
        assertThatThrownBy(() -> EmbeddedZooKeeper.start(file)).isInstanceOf(ClusterException.class)
                .hasMessageContaining(file.toString());
    }

    private static String answer(HostAndPort address, String command) throws Exception {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream().write(command.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}

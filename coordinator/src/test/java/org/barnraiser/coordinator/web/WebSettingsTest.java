package org.barnraiser.coordinator.web;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class WebSettingsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            10.0.0.1:2181                    | true
                                            zk1:2181,zk2:2181/barnraiser     | true
                                            127.0.0.1:2181                   | false
                                            [::1]:2181                       | false
                                            zk1:2181,localhost:2181          | false
                                            ''                               | false
                                            """)
    void a_zookeeper_on_a_loopback_address_is_no_use_to_other_machines(String address, boolean reachable) {
        WebSettings settings = new WebSettings(Optional.empty(), address, OptionalInt.empty(), Optional.empty());
        assertThat(settings.reachable()).isEqualTo(reachable);
    }
}

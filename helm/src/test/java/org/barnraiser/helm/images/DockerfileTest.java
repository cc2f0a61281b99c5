package org.barnraiser.helm.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.YamlText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** How the images and the compose file are written. */
class DockerfileTest {
    private static final String GOOD = """
                                       FROM debian:12.11 AS one
                                       WORKDIR /barn
                                       USER 1000:1000
                                       ENTRYPOINT ["/barn/barn"]
                                       HEALTHCHECK CMD ["/barn/health"]
                                       """;

    @Test
    void the_images_keep_the_rules() throws IOException {
        Dockerfile file = Dockerfile.read(SourceTree.path("Dockerfile"));
        assertThat(DockerfileRules.mistakes(file)).isEmpty();
        assertThat(file.images()).extracting(Dockerfile.Stage::name)
                .containsExactlyInAnyOrder("coordinator", "operator", "worker", "worker-gpu");
    }

    @Test
    void a_good_file_is_good() {
        assertThat(DockerfileRules.mistakes(Dockerfile.parse(GOOD))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
                                            debian:12.11          ! debian                                                    ! DL3006
                                            debian:12.11          ! debian:latest                                             ! DL3007
                                            /barn                 ! barn                                                      ! DL3000
                                            USER 1000:1000        ! USER root                                                 ! DL3002
                                            USER 1000:1000        ! USER 0:0                                                  ! DL3002
                                            ["/barn/barn"]        ! /barn/barn                                                ! DL3025
                                            HEALTHCHECK CMD       ! LABEL x=                                                  ! DL3057
                                            WORKDIR /barn         ! ADD x y                                                   ! DL3020
                                            WORKDIR /barn         ! COPY --from=two x y                                       ! DL3022
                                            WORKDIR /barn         ! RUN cd /barn                                              ! DL3003
                                            WORKDIR /barn         ! RUN x && sudo y                                           ! DL3004
                                            WORKDIR /barn         ! RUN cat x | sort                                          ! DL4006
                                            WORKDIR /barn         ! RUN apt-get install -y --no-install-recommends x=1        ! DL3009
                                            WORKDIR /barn         ! RUN apt-get install --no-install-recommends x=1 && rm -rf /var/lib/apt/lists/* ! DL3014
                                            WORKDIR /barn         ! RUN apt-get install -y x=1 && rm -rf /var/lib/apt/lists/* ! DL3015
                                            WORKDIR /barn         ! RUN apt-get install -y --no-install-recommends x && rm -rf /var/lib/apt/lists/* ! DL3008
                                            """)
    void each_rule_finds_what_it_is_for(String good, String bad, String rule) {
        assertThat(DockerfileRules.mistakes(Dockerfile.parse(GOOD.replace(good, bad)))).singleElement()
                .asString().contains(rule);
    }

    @Test
    void what_compose_starts_is_built_here_has_limits_and_no_rights() throws IOException {
        JsonNode services = Compose.read().path("services");
        Dockerfile file = Dockerfile.read(SourceTree.path("Dockerfile"));
        assertThat(services.properties()).hasSizeGreaterThanOrEqualTo(4).allSatisfy(entry -> {
            JsonNode service = entry.getValue();
            assertThat(service.path("image").asText()).matches("[a-z/]+:[0-9].+");
            assertThat(service.path("mem_limit").asText()).isNotEmpty();
            assertThat(service.path("cap_drop").path(0).asText()).isEqualTo("ALL");
            assertThat(service.path("security_opt").toString()).contains("no-new-privileges:true");
            if (service.has("build")) {
                assertThat(file.stage(service.path("build").path("target").asText())).isPresent();
                assertThat(service.path("read_only").asBoolean()).isTrue();
            }
        });
    }

    @Test
    void chart_compose_and_operator_mean_the_same_images() throws IOException {
        String version = YamlText.parse(Files.readString(SourceTree.path("helm/barnraiser/Chart.yaml"))).getFirst()
                .path("appVersion").asText();
        assertThat(Files.readString(SourceTree.path("pom.xml"))).contains("<version>" + version + "</version>");
        JsonNode values = YamlText.parse(Files.readString(SourceTree.path("helm/barnraiser/values.yaml"))).getFirst();
        JsonNode services = Compose.read().path("services");
        for (List<String> pair : List.of(List.of("coordinator", "coordinator"), List.of("worker", "worker-1"))) {
            assertThat(services.path(pair.get(1)).path("image").asText()).isEqualTo(
                    values.path("images").path(pair.get(0)).path("repository").asText() + ":" + version);
        }
        assertThat(services.path("zookeeper").path("image").asText())
                .isEqualTo("zookeeper:" + values.path("images").path("zookeeper").path("tag").asText());
    }
}

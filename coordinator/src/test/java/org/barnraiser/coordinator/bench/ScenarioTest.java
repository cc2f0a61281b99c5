package org.barnraiser.coordinator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ScenarioTest {
    @TempDir
    private Path folder;

    @Test
    void what_a_file_leaves_out_is_as_usual() throws IOException {
        Scenario scenario = Scenario.read(file(
                "{'about': 'two', 'groups': [{'name': 'a', 'readers': 7}, {'name': 'b', 'promptWords': 2000, 'startSeconds': 5, 'pauseSeconds': 0.5}]}"));
        assertThat(scenario.about()).isEqualTo("two");
        assertThat(scenario.groups()).containsExactly(new Group("a", 7, 3, 1, 64, 32, 0, 0, 0, "", "", ""),
                new Group("b", 1, 3, 1, 64, 2000, 0, 5, 0.5, "", "", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{'groups': []} | A scenario needs \"groups\", each with a name of its own.",
            "{'groups': [{'readers': 1}, {'readers': 2}]} | A scenario needs \"groups\", each with a name of its own.",
            "{'groups': [{'readers': 0}]} | In the group \"readers\", readers, answers,",
            "{'groups': [{'reader': 1}]} | Unrecognized field \"reader\"",
            "{'groups': [{'readers': 'many'}]} | Cannot deserialize value",
            "{'groups': [1]} | cannot be understood",
            "{'groups': | is not JSON",
    })
    void a_file_that_makes_no_sense_is_refused_in_a_sentence(String json, String sentence) throws IOException {
        Path file = file(json);
        assertThatThrownBy(() -> Scenario.read(file)).isInstanceOf(IOException.class)
                .hasMessageContaining("The scenario " + file).hasMessageContaining(sentence);
    }

    @Test
    void a_file_that_is_not_there_is_named() {
        assertThatThrownBy(() -> Scenario.read(folder.resolve("none"))).isInstanceOf(IOException.class)
                .hasMessageContaining("There is no file ");
    }

    @Test
    void questions_of_a_group_begin_alike_for_as_many_words_as_they_share() {
        Group group = new Group("g", 2, 1, 1, 2, 6, 3, 0, 0, "", "", "");
        assertThat(group.question(0, 0)).startsWith("barn raise barn Story g 0:");
        assertThat(group.question(1, 0)).startsWith("barn raise barn Story g 1:");
        assertThat(new Group("g", 2, 1, 1, 2, 6, 0, 0, 0, "", "", "").question(1, 0)).startsWith("Story g 1:");
    }

    @Test
    void a_group_may_ask_a_text_of_its_own() throws IOException {
        Scenario scenario = Scenario.read(file("{'groups': [{'text': 'Who are you?', 'readers': 2}]}"));
        assertThat(scenario.groups().getFirst().question(1, 0)).isEqualTo("Who are you?");
    }

    @Test
    void the_scenarios_of_the_docs_can_be_read() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("..", "docs", "scenarios"))) {
            List<Path> all = files.toList();
            assertThat(all).isNotEmpty();
            for (Path one : all) {
                assertThat(Scenario.read(one).groups()).isNotEmpty();
            }
        }
    }

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("scenario.json"), json.replace('\'', '"'));
    }
}

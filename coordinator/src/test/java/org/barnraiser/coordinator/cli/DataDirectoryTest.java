package org.barnraiser.coordinator.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DataDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void a_second_one_on_the_same_folder_is_refused_until_the_first_is_closed() throws CommandException {
        try (DataDirectory _ = DataDirectory.open(folder)) {
            assertThatThrownBy(() -> DataDirectory.open(folder)).isInstanceOf(CommandException.class)
                    .hasMessageContaining("another Barnraiser is running").hasMessageContaining("--data");
        }
        DataDirectory.open(folder).close();
    }

    @Test
    void a_folder_that_cannot_be_made_is_refused_with_its_name() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        assertThatThrownBy(() -> DataDirectory.open(file.resolve("data"))).isInstanceOf(CommandException.class)
                .hasMessageContaining("cannot use " + file.resolve("data"));
    }

    @Test
    void the_demo_model_is_laid_into_the_folder_whole() throws Exception {
        try (DataDirectory data = DataDirectory.open(folder)) {
            Path model = DemoModel.writeTo(data.folder("models"));
            assertThat(model).hasSize(4_125_952);
            assertThat(model.getParent()).isDirectoryNotContaining("glob:**.part");
        }
    }
}

package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class EngineSearchTest {
    @TempDir
    private Path folder;

    @Test
    void the_engine_that_comes_along_is_always_there_and_last() throws Exception {
        Path installed = engine(folder.resolve("data/engines/vulkan-1"));
        assertThat(search(Optional.empty())).containsExactly(EngineLocation.in(EngineSource.INSTALLED, installed),
                EngineLocation.BUNDLED);
    }

    @Test
    void a_folder_that_is_named_comes_first_even_when_it_holds_nothing() {
        Path given = folder.resolve("none");
        assertThat(search(Optional.of(given))).containsExactly(EngineLocation.in(EngineSource.GIVEN, given),
                EngineLocation.BUNDLED);
    }

    @Test
    void half_made_installations_and_folders_without_a_library_are_passed_over() throws Exception {
        engine(folder.resolve("data/engines/.installing-1"));
        Files.createDirectories(folder.resolve("data/engines/empty"));
        assertThat(search(Optional.empty())).containsExactly(EngineLocation.BUNDLED);
    }

    @Test
    void one_library_that_two_places_lead_to_is_found_once() throws Exception {
        Path installed = engine(folder.resolve("data/engines/cpu-1"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), installed);
        assertThat(search(Optional.of(link))).extracting(EngineLocation::source).containsExactly(EngineSource.GIVEN,
                EngineSource.BUNDLED);
    }

    @Test
    void npm_packages_are_found_from_the_working_folder_upwards_and_in_the_home_folder() throws Exception {
        Path near = engine(folder.resolve("work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64"));
        Path nested = engine(folder.resolve(
                "home/.nvm/versions/node/v24/lib/node_modules/node-llama-cpp/node_modules/@node-llama-cpp/a/bins/a"));
        SearchPlaces usual = new SearchPlaces(folder.resolve("data"), Optional.empty(), Optional.empty(),
                folder.resolve("home"), Files.createDirectories(folder.resolve("work/deep/down")),
                Optional.of(folder.resolve("brew")));
        Path brewed = engine(folder.resolve("brew/opt/llama.cpp/lib"));
        assertThat(new EngineSearch(usual).find()).contains(EngineLocation.in(EngineSource.HOMEBREW, brewed),
                EngineLocation.in(EngineSource.NPM, near), EngineLocation.in(EngineSource.NPM, nested));
    }

    @Test
    void the_loaders_folders_are_read() throws Exception {
        Files.writeString(folder.resolve("a.conf"), "# comment\n/usr/lib/b\n\n/opt/a \nrelative\n");
        Files.writeString(folder.resolve("README"), "/not/this\n");
        assertThat(LoaderFolders.read(folder)).containsExactly(Path.of("/opt/a"), Path.of("/usr/lib/b"));
        assertThat(LoaderFolders.read(folder.resolve("none"))).isEmpty();
    }

    @Test
    void the_variable_restricts_the_search() throws Exception {
        Path listed = engine(folder.resolve("listed"));
        var places = SearchPlaces.of(folder.resolve("data"), Optional.empty(),
                Map.of(SearchPlaces.VARIABLE, listed.toString()));
        assertThat(new EngineSearch(places).find()).containsExactly(EngineLocation.in(EngineSource.LISTED, listed),
                EngineLocation.BUNDLED);
    }

    private List<EngineLocation> search(Optional<Path> given) {
        return new EngineSearch(new SearchPlaces(folder.resolve("data"), given, Optional.of(List.of()), folder, folder,
                Optional.empty())).find();
    }

    private static Path engine(Path place) throws IOException {
        Files.createFile(Files.createDirectories(place).resolve(System.mapLibraryName("llama")));
        return place;
    }
}

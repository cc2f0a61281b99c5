package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.barnraiser.coordinator.hash.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ManifestTest {
    @TempDir
    private Path directory;

    @Test
    void it_says_how_far_the_hashing_has_come() throws IOException {
        try (ModelFile model = TinyModel.of("llama", 2).openIn(directory)) {
            AtomicLong most = new AtomicLong();
            AtomicLong total = new AtomicLong();
            Manifest.of(model, (done, all) -> {
                most.accumulateAndGet(done, Math::max);
                total.set(all);
            });
            assertThat(most.get()).isEqualTo(total.get()).isPositive();
        }
    }

    @Test
    void its_digest_is_that_of_its_text() throws IOException {
        try (ModelFile model = TinyModel.of("llama", 1).openIn(directory)) {
            Manifest manifest = Manifest.of(model);
            assertThat(manifest.text()).startsWith("barnraiser-manifest 1\nmetadata ").endsWith(" token_embd.weight\n");
            assertThat(manifest.digest()).isEqualTo(Sha256.of(manifest.text())).hasSize(64);
            assertThat(Manifest.of(model).digest()).isEqualTo(manifest.digest());
        }
    }

    @Test
    void a_changed_weight_or_hyperparameter_makes_another_model_but_a_name_does_not() throws IOException {
        String plain = digestOf(TinyModel.of("llama", 1));
        TinyModel renamed = TinyModel.of("llama", 1);
        renamed.writer().putText("general.name", "Another name");
        TinyModel turned = TinyModel.of("llama", 1);
        turned.writer().putFloat32("llama.rope.freq_base", 500_000);
        assertThat(digestOf(renamed)).isEqualTo(plain);
        assertThat(digestOf(turned)).isNotEqualTo(plain);
        Path file = TinyModel.of("llama", 1).writeTo(directory.resolve("changed.gguf"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 64] ^= 1;
        try (ModelFile changed = ModelFile.open(Files.write(file, bytes))) {
            assertThat(Manifest.of(changed).digest()).isNotEqualTo(plain);
        }
    }

    private String digestOf(TinyModel tiny) throws IOException {
        try (ModelFile model = tiny.openIn(directory)) {
            return Manifest.of(model).digest();
        }
    }

    @Test
    void a_cached_manifest_is_not_made_again() throws IOException {
        ManifestCache cache = new ManifestCache(directory.resolve("cache"));
        try (ModelFile model = TinyModel.of("llama", 1).openIn(directory)) {
            Manifest made = cache.manifestOf(model, (_, _) -> {});
            Manifest cached = cache.manifestOf(model, (_, _) -> {
                throw new AssertionError("hashed again");
            });
            assertThat(cached.digest()).isEqualTo(made.digest());
            assertThat(cached.tensors()).isEqualTo(made.tensors());
        }
    }

    @Test
    void a_file_that_has_changed_is_hashed_again() throws IOException {
        ManifestCache cache = new ManifestCache(directory.resolve("cache"));
        try (ModelFile model = TinyModel.of("llama", 1).openIn(directory)) {
            cache.manifestOf(model, (_, _) -> {});
            Files.setLastModifiedTime(model.files().getFirst(), FileTime.fromMillis(1_000_000));
            assertThat(hashes(cache, model)).isTrue();
        }
    }

    @Test
    void a_damaged_cache_is_not_believed() throws IOException {
        Path folder = directory.resolve("cache");
        ManifestCache cache = new ManifestCache(folder);
        try (ModelFile model = TinyModel.of("llama", 1).openIn(directory)) {
            String digest = cache.manifestOf(model, (_, _) -> {}).digest();
            Path kept;
            try (Stream<Path> files = Files.list(folder)) {
                kept = files.filter(file -> file.toString().endsWith(".manifest")).findFirst().orElseThrow();
            }
            String text = Files.readString(kept);
            int at = text.indexOf("tensor ") + 20;
            Files.writeString(kept,
                    text.substring(0, at) + (text.charAt(at) == '0' ? '1' : '0') + text.substring(at + 1));
            assertThat(hashes(cache, model)).isTrue();
            Files.writeString(kept, text.substring(0, text.length() / 2));
            assertThat(hashes(cache, model)).isTrue();
            Files.write(kept, new byte[]{(byte) 0xff, 0, 1});
            assertThat(cache.manifestOf(model, (_, _) -> {}).digest()).isEqualTo(digest);
        }
    }

    private static boolean hashes(ManifestCache cache, ModelFile model) throws GgufException {
        AtomicLong done = new AtomicLong();
        cache.manifestOf(model, (bytes, _) -> done.set(bytes));
        return done.get() > 0;
    }
}

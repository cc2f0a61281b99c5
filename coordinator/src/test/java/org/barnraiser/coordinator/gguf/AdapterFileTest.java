package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.barnraiser.proto.AdapterCut;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What does not fit is refused by the name of the tensor and its shape, before llama.cpp sees it. */
@SuppressWarnings("NullAway.Init")
class AdapterFileTest {
    private static final String ARCHITECTURE = "llama";
    private static final String FIRST = "blk.0.attn_q.weight";

    @TempDir
    private Path folder;
    private ModelFile model;
    private long columns;
    private long rows;

    @BeforeEach
    void open_a_model_of_four_layers() throws IOException {
        model = TinyModel.of(ARCHITECTURE, 4).openIn(folder);
        columns = model.tensor(FIRST).orElseThrow().columns();
        rows = model.tensor(FIRST).orElseThrow().rows();
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void an_adapter_that_fits_is_cut_as_its_model_is_and_numbered_anew() throws Exception {
        try (AdapterFile adapter = AdapterFile.open(TinyAdapter.of(model).writeTo(folder.resolve("a.gguf")))) {
            adapter.checkFits(model);
            AdapterCut cut = AdapterSlicer.slice(adapter, model, 1, 3);
            assertThat(cut.getDigest()).isEqualTo(adapter.digest());
            assertThat(cut.getFile().getModelDigest()).isEqualTo(adapter.digest());
            Path file = folder.resolve("cut.gguf");
            assemble(adapter, cut, file);
            try (AdapterFile part = AdapterFile.open(file)) {
                assertThat(part.byWeight().keySet()).containsExactly("blk.0.attn_q.weight", "blk.1.attn_q.weight");
                assertThat(part.alpha()).isEqualTo(8);
                TensorInfo whole = requireNonNull(adapter.byWeight().get("blk.2.attn_q.weight")).b();
                TensorInfo moved = requireNonNull(part.byWeight().get("blk.1.attn_q.weight")).b();
                assertThat(part.bytes(0, moved.offsetBytes(), moved.lengthBytes())
                        .mismatch(adapter.bytes(0, whole.offsetBytes(), whole.lengthBytes()))).isEqualTo(-1);
            }
        }
    }

    @Test
    void a_stage_that_an_adapter_does_not_touch_gets_no_file() throws Exception {
        Path file = TinyAdapter.empty(ARCHITECTURE).pair(FIRST, shape(columns, 4), shape(4, rows))
                .writeTo(folder.resolve("a.gguf"));
        try (AdapterFile adapter = AdapterFile.open(file)) {
            assertThat(AdapterSlicer.slice(adapter, model, 0, 1).hasFile()).isTrue();
            assertThat(AdapterSlicer.slice(adapter, model, 1, 4).hasFile()).isFalse();
        }
    }

    @Test
    void the_digest_is_of_what_an_adapter_does_and_not_of_its_name() throws Exception {
        Path one = TinyAdapter.of(model).writeTo(folder.resolve("one.gguf"));
        Path same = Files.copy(one, folder.resolve("same.gguf"));
        TinyAdapter changed = TinyAdapter.of(model);
        changed.writer().putFloat32("adapter.lora.alpha", 9);
        Path other = changed.writeTo(folder.resolve("other.gguf"));
        try (AdapterFile a = AdapterFile.open(one);
                AdapterFile b = AdapterFile.open(same);
                AdapterFile c = AdapterFile.open(other)) {
            assertThat(b.digest()).isEqualTo(a.digest());
            assertThat(c.digest()).isNotEqualTo(a.digest());
        }
    }

    @Test
    void shapes_that_do_not_fit_are_refused_by_name() {
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair(FIRST, shape(columns + 1, 4), shape(4, rows)),
                FIRST + ".lora_a", "[" + (columns + 1) + ", 4]", "[" + columns + ", " + rows + "]");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair(FIRST, shape(columns, 4), shape(4, rows + 1)),
                FIRST + ".lora_b", "[4, " + (rows + 1) + "]");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair(FIRST, shape(columns, 4), shape(5, rows)),
                FIRST + ".lora_b", "rank 4");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair(FIRST, shape(columns, 5000), shape(5000, rows)),
                FIRST + ".lora_a", "rank 5000");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair(FIRST, shape(columns, 4, 2), shape(4, rows, 2)),
                FIRST + ".lora_a");
    }

    @Test
    void weights_that_the_model_does_not_have_or_that_cannot_be_changed_are_refused_by_name() {
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair("blk.4.attn_q.weight", shape(columns, 4), shape(4, rows)),
                "blk.4.attn_q.weight", "does not have");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair("blk.0.magic.weight", shape(columns, 4), shape(4, rows)),
                "blk.0.magic.weight", "does not have");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair("output.weight", shape(columns, 4), shape(4, rows)),
                "output.weight", "outside of the layers");
        assertRefused(TinyAdapter.empty(ARCHITECTURE).pair("blk.0.attn_norm.weight", shape(columns, 4), shape(4, 1)),
                "blk.0.attn_norm.weight", "no matrix");
        assertRefused(TinyAdapter.empty("qwen2").pair(FIRST, shape(columns, 4), shape(4, rows)), "qwen2", "llama");
    }

    @Test
    void files_that_are_no_adapters_are_refused() {
        assertRefused(TinyAdapter.empty(ARCHITECTURE), "no tensors");
        TinyAdapter half = TinyAdapter.empty(ARCHITECTURE);
        half.writer().tensor(FIRST + ".lora_a", GgmlType.F32, columns, 4);
        assertRefused(half, FIRST + ".lora_a", "counterpart");
        TinyAdapter foreign = TinyAdapter.of(model);
        foreign.writer().tensor(FIRST, GgmlType.F32, columns, 4);
        assertRefused(foreign, FIRST, "pair");
        TinyAdapter packed = TinyAdapter.empty(ARCHITECTURE);
        packed.writer().tensor(FIRST + ".lora_a", GgmlType.Q4_0, columns, 4).tensor(FIRST + ".lora_b", GgmlType.F32, 4,
                rows);
        assertRefused(packed, "Q4_0");
        TinyAdapter vector = TinyAdapter.of(model);
        vector.writer().putText("adapter.type", "control_vector");
        assertRefused(vector, "no LoRA adapter");
        TinyAdapter invoked = TinyAdapter.of(model);
        invoked.writer().putArray("adapter.alora.invocation_tokens", MetadataArray.ofInt32(new int[]{1}));
        assertRefused(invoked, "aLoRA");
        TinyAdapter endless = TinyAdapter.of(model);
        endless.writer().putFloat32("adapter.lora.alpha", Float.NaN);
        assertRefused(endless, "adapter.lora.alpha");
        assertThatThrownBy(() -> AdapterFile.open(model.files().getFirst())).isInstanceOf(GgufException.class);
    }

    @Test
    void a_file_that_ends_early_or_is_damaged_is_refused_or_harmless() throws Exception {
        byte[] whole = Files.readAllBytes(TinyAdapter.of(model).writeTo(folder.resolve("a.gguf")));
        Path file = folder.resolve("damaged.gguf");
        Random random = new Random(11);
        for (int i = 0; i < 400; i++) {
            byte[] bytes = whole.clone();
            if (i % 2 == 0) {
                bytes = Arrays.copyOf(whole, random.nextInt(whole.length - 32));
            } else {
                bytes[random.nextInt(1000)] = (byte) random.nextInt();
            }
            Files.write(file, bytes);
            try (AdapterFile adapter = AdapterFile.open(file)) {
                assertThat(i % 2).as("a file that ends early").isOne();
                adapter.checkFits(model);
                AdapterSlicer.slice(adapter, model, 0, 4);
            } catch (GgufException refused) {
                assertThat(refused).hasMessageContaining("damaged.gguf");
            }
        }
    }

    private void assertRefused(TinyAdapter adapter, String... words) {
        assertThatThrownBy(() -> {
            try (AdapterFile file = AdapterFile.open(adapter.writeTo(folder.resolve("refused.gguf")))) {
                file.checkFits(model);
            }
        }).isInstanceOf(GgufException.class).message().contains(words).contains("refused.gguf");
    }

    private static long[] shape(long... dimensions) {
        return dimensions;
    }

    private static void assemble(AdapterFile adapter, AdapterCut cut, Path file) throws IOException {
        try (var out = Files.newByteChannel(file, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            for (var segment : cut.getFile().getSegmentsList()) {
                out.write(segment.hasPiece()
                        ? adapter.bytes(0, segment.getPiece().getSourceOffsetBytes(),
                                segment.getPiece().getLengthBytes()).asByteBuffer()
                        : segment.getLiteral().asReadOnlyByteBuffer());
            }
        }
    }
}

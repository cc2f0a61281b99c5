package org.barnraiser.worker.llama;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What native code frees goes back to the machine, even below something that is still in use. */
@EnabledIf("glibc")
@SuppressWarnings("restricted")
class NativeHeapTest {
    /** Small enough that glibc takes them from its heap, many enough to stand out from what else a JVM does. */
    private static final int CHUNK_BYTES = 32 << 10;
    private static final int CHUNKS = 8192;
    private static final long ALL_BYTES = (long) CHUNK_BYTES * CHUNKS;
    private static final MethodHandle MALLOC = find("malloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG));
    private static final MethodHandle FREE = find("free", FunctionDescriptor.ofVoid(ADDRESS));

    @Test
    void what_was_freed_below_something_in_use_goes_back_when_trimmed() throws Throwable {
        long before = residentBytes();
        MemorySegment inUse = allocateAndFreeAllButOne();
        long kept = residentBytes() - before;
        assumeTrue(kept > ALL_BYTES / 2, "this C library gives back at once what is freed");
        NativeHeap.trim();
        assertThat(residentBytes() - before).as("bytes that stay").isLessThan(ALL_BYTES / 4);
        FREE.invoke(inUse);
    }

    private static MemorySegment allocateAndFreeAllButOne() throws Throwable {
        List<MemorySegment> chunks = new ArrayList<>();
        for (int i = 0; i < CHUNKS; i++) {
            chunks.add(((MemorySegment) MALLOC.invoke((long) CHUNK_BYTES)).reinterpret(CHUNK_BYTES).fill((byte) 1));
        }
        MemorySegment inUse = chunks.removeLast();
        for (MemorySegment chunk : chunks) {
            FREE.invoke(chunk);
        }
        return inUse;
    }

    static boolean glibc() {
        return Linker.nativeLinker().defaultLookup().find("malloc_trim").isPresent();
    }

    private static MethodHandle find(String function, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(function), type);
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst().orElseThrow();
    }
}

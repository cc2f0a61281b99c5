package org.barnraiser.worker.stage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.HiddenStates;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Hidden states of a step, 4,096 values for each token, on their way from llama.cpp's memory into a message and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HiddenStateBench {
    private static final int WIDTH = 4096;

    @Param({"1", "16"})
    int tokens;

    @Param({"F32", "F16", "Q8"})
    HiddenStates.Encoding encoding = HiddenStates.Encoding.F32;

    private final Arena arena = Arena.ofShared();
    private MemorySegment values = MemorySegment.NULL;
    private HiddenStates encoded = HiddenStates.getDefaultInstance();

    /** Fills native memory with numbers as hidden states have them. */
    @Setup
    public void fill() {
        values = arena.allocate((long) tokens * WIDTH * Float.BYTES, Float.BYTES);
        Random random = new Random(1);
        for (int i = 0; i < tokens * WIDTH; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        encoded = HiddenStateCodec.encode(encoding, values);
    }

    @TearDown
    public void close() {
        arena.close();
    }

    /** Native memory to a message. */
    @Benchmark
    public HiddenStates encode() {
        return HiddenStateCodec.encode(encoding, values);
    }

    /** A message to native memory. */
    @Benchmark
    public MemorySegment decode() {
        HiddenStateCodec.decode(encoded, values);
        return values;
    }
}

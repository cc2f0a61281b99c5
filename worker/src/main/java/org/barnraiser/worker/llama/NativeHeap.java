package org.barnraiser.worker.llama;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * The C library's heap. glibc keeps what llama.cpp frees for later, in a part of the heap for each thread; stages that come and go on
 * threads of their own would let a worker grow by some megabytes each time. So the threads share one part, and what nobody uses is
 * given back. Other C libraries have neither function, nor need it.
 */
public final class NativeHeap {
    /** glibc's M_ARENA_MAX. */
    private static final int ARENA_MAX = -8;
    private static final Optional<MethodHandle> MALLOPT = find("mallopt",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final Optional<MethodHandle> MALLOC_TRIM = find("malloc_trim",
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG));

    private NativeHeap() {}

    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> find(String function, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find(function).map(address -> linker.downcallHandle(address, type));
    }

    /** Lets threads that begin from now on share one part; to be called before stages are loaded. */
    static void share() {
        MALLOPT.ifPresent(function -> {
            try {
                int _ = (int) function.invokeExact(ARENA_MAX, 1);
            } catch (Throwable e) {
                throw new IllegalStateException("mallopt takes two numbers and throws nothing", e);
            }
        });
    }

    /** Gives back to the operating system what nobody uses; takes milliseconds. */
    public static void trim() {
        MALLOC_TRIM.ifPresent(function -> {
            try {
                int _ = (int) function.invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim takes a size and throws nothing", e);
            }
        });
    }
}

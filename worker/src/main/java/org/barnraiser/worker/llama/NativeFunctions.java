package org.barnraiser.worker.llama;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Implements a Java interface with the C functions of the same names: {@code modelNLayer} of an interface bound with the
 * prefix {@code llama_} is {@code llama_model_n_layer}. Java's types stand for C's of the same width ({@code long} for
 * {@code size_t} and {@code int64_t}), {@link MemorySegment} for every pointer, and for a struct by value where {@link Struct} says so.
 */
final class NativeFunctions {
    private static final Map<Class<?>, MemoryLayout> LAYOUTS = Map.of(boolean.class, JAVA_BOOLEAN, int.class, JAVA_INT,
            long.class, JAVA_LONG, float.class, JAVA_FLOAT, MemorySegment.class, ADDRESS);

    private final SymbolLookup symbols;
    private final Map<String, MemoryLayout> structs;

    NativeFunctions(SymbolLookup symbols, Map<String, MemoryLayout> structs) {
        this.symbols = symbols;
        this.structs = structs;
    }

    <T> T bind(Class<T> functions, String prefix) throws LibraryException {
        var handles = new HashMap<Method, MethodHandle>();
        for (Method method : functions.getMethods()) {
            MethodHandle handle = handle(prefix + snakeCase(method.getName()), descriptor(method));
            handles.put(method, handle.asSpreader(Object[].class, method.getParameterCount())
                    .asType(MethodType.methodType(Object.class, Object[].class)));
        }
        return functions.cast(Proxy.newProxyInstance(functions.getClassLoader(), new Class<?>[]{functions},
                (_, method, arguments) -> {
                    MethodHandle handle = handles.get(method);
                    if (handle == null) {
                        throw new UnsupportedOperationException(method + " is no function of llama.cpp");
                    }
                    return (Object) handle.invokeExact(arguments);
                }));
    }

    @SuppressWarnings("restricted")
    MethodHandle handle(String symbol, FunctionDescriptor descriptor, Linker.Option... options)
            throws LibraryException {
        MemorySegment address = symbols.find(symbol)
                .orElseThrow(() -> new LibraryException("the library has no function " + symbol
                        + "; it is not a complete llama.cpp, or one of a version that is not supported"));
        return Linker.nativeLinker().downcallHandle(address, descriptor, options);
    }

    private FunctionDescriptor descriptor(Method method) {
        List<MemoryLayout> arguments = new ArrayList<>();
        for (Parameter parameter : method.getParameters()) {
            Struct struct = parameter.getAnnotation(Struct.class);
            arguments.add(struct == null ? layout(parameter.getType()) : required(structs, struct.value()));
        }
        MemoryLayout[] argumentLayouts = arguments.toArray(MemoryLayout[]::new);
        return method.getReturnType() == void.class
                ? FunctionDescriptor.ofVoid(argumentLayouts)
                : FunctionDescriptor.of(layout(method.getReturnType()), argumentLayouts);
    }

    private static MemoryLayout layout(Class<?> type) {
        return required(LAYOUTS, type);
    }

    private static <K> MemoryLayout required(Map<K, MemoryLayout> layouts, K key) {
        MemoryLayout layout = layouts.get(key);
        if (layout == null) {
            throw new IllegalArgumentException("no C layout is known for " + key);
        }
        return layout;
    }

    private static String snakeCase(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}

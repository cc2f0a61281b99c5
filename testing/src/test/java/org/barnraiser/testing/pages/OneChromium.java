package org.barnraiser.testing.pages;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One {@link Chromium} for all classes of tests that ask for one: it starts with the first of them, and ends when all tests have. Where
 * there is none, the class is skipped.
 */
final class OneChromium implements BeforeAllCallback, ParameterResolver {

    @Override
    public void beforeAll(ExtensionContext tests) {
        var _ = the(tests);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext tests) {
        return parameter.getParameter().getType().equals(Chromium.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext tests) {
        return the(tests);
    }

    private static Chromium the(ExtensionContext tests) {
        Store store = tests.getRoot().getStore(Namespace.create(OneChromium.class));
        return store.getOrComputeIfAbsent(Chromium.class, _ -> Chromium.start(), Chromium.class);
    }
}

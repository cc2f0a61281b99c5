package org.barnraiser.testing.pages;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Looks for what keeps people out: axe-core's rules, run in the page. */
final class Axe {
    private static final String SOURCE = read("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js");
    private static final String RUN = """
                                      async () => {
                                        const found = await axe.run(document, {resultTypes: ['violations']});
                                        return found.violations
                                          .filter(v => v.impact === 'serious' || v.impact === 'critical')
                                          .map(v => `${v.id}: ${v.help}: `
                                            + v.nodes.map(n => `${n.html} (${n.failureSummary})`).join(' | '));
                                      }""";

    private Axe() {}

    /** The serious and critical violations of the page as it is now. */
    static List<String> seriousViolations(Page page) {
        // Evaluated by the driver and not as a script of the page, whose policy would forbid it.
        page.evaluate(SOURCE);
        return ((List<?>) page.evaluate(RUN)).stream().map(String::valueOf).toList();
    }

    private static String read(String path) {
        try (InputStream in = Objects.requireNonNull(Axe.class.getResourceAsStream(path), path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

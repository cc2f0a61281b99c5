package org.barnraiser.testing.pages;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reader with a browser profile of their own. Whatever pages complain of (errors, breaches of the Content-Security-Policy) and
 * every request to a place that is not the server is kept, and fails the test at the end.
 */
final class Visit implements AutoCloseable {
    private final BrowserContext context;
    private final Page page;
    private final String home;
    private final List<String> complaints = new ArrayList<>();

    private Visit(BrowserContext context, String home) {
        this.context = context;
        this.home = home;
        context.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
        context.setDefaultNavigationTimeout(Chromium.PATIENCE_MILLIS);
        context.onRequest(request -> {
            if (!request.url().startsWith(home) && !request.url().matches("(data|blob):.*")) {
                complaints.add("a request to " + request.url());
            }
        });
        context.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add("console: " + message.text());
            }
        });
        context.onWebError(error -> complaints.add("error: " + error.error()));
        page = context.newPage();
    }

    /** A reader who asks for English on a wide screen in a light theme. */
    static Visit of(Chromium chromium, URI server) {
        return of(chromium, server, options -> options);
    }

    static Visit of(Chromium chromium, URI server, UnaryOperator<Browser.NewContextOptions> change) {
        Browser.NewContextOptions options = new Browser.NewContextOptions().setLocale("en-GB")
                .setColorScheme(ColorScheme.LIGHT).setViewportSize(1280, 800).setAcceptDownloads(true);
        return new Visit(chromium.browser().newContext(change.apply(options)), server.toString());
    }

    /** Opens a path of the server. */
    Page open(String path) {
        page.navigate(home + path);
        return page;
    }

    Page page() {
        return page;
    }

    BrowserContext context() {
        return context;
    }

    /** What pages complained of so far. */
    List<String> complaints() {
        return complaints;
    }

    @Override
    public void close() {
        context.close();
        assertThat(complaints).as("what the pages complained of").isEmpty();
    }
}

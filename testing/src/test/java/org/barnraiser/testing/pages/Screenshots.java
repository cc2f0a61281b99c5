package org.barnraiser.testing.pages;

import com.microsoft.playwright.Page;
import java.nio.file.Path;

/** Pictures of the pages for the documentation; taken only with {@code -Dbarnraiser.screenshots=true}. */
final class Screenshots {
    static final boolean WANTED = Boolean.getBoolean("barnraiser.screenshots");

    private Screenshots() {}

    /** Takes {@code docs/images/pages/NAME.png}, as much of the page as the reader sees without scrolling. */
    static void take(Page page, String name) {
        if (WANTED) {
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of("..", "docs", "images", "pages", name + ".png")));
        }
    }
}

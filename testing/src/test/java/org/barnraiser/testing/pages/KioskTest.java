package org.barnraiser.testing.pages;

import com.microsoft.playwright.Page;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.coordinator.web.WebSettings;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** A shared computer, whose host started the server with {@code --kiosk 1}. */
@ExtendWith(OneChromium.class)
class KioskTest {
    private static Chromium chromium;

    @AutoClose
    private static ScriptedServer server;

    @BeforeAll
    static void start(Chromium one) {
        chromium = one;
        server = new ScriptedServer((_, voice) -> voice.say("An answer."),
                new WebSettings(Optional.empty(), "", OptionalInt.of(1), Optional.empty()));
    }

    @Test
    void what_one_guest_wrote_is_gone_when_nobody_has_done_anything_for_a_minute_and_so_for_the_next() {
        try (Visit visit = Visit.of(chromium, server.url())) {
            visit.page().clock().install();
            ChatReader guest = ChatReader.at(visit, "/");
            for (String secret : new String[]{"A first secret", "A second secret"}) {
                guest.askAndRead(secret);
                assertThat(guest.page().locator(".guest")).containsText("Forgets in");
                assertThat(guest.page().locator("body")).containsText(secret);

                letTime(visit.page(), "00:30");
                guest.page().mouse().move(200, 200);
                letTime(visit.page(), "00:45");
                assertThat(guest.page().locator("body")).containsText(secret);

                letTime(visit.page(), "00:30");
                assertThat(guest.conversations()).hasCount(0);
                assertThat(guest.page().locator("body")).not().containsText("secret");
                assertThat(guest.stored()).isEmpty();
            }
        }
    }

    private static void letTime(Page page, String pass) {
        page.clock().runFor(pass);
    }
}

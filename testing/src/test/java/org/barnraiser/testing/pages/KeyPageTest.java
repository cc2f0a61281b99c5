package org.barnraiser.testing.pages;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Database;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.MemberKeys;
import org.barnraiser.coordinator.account.NewKey;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.testing.cluster.RunningBarn;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** The pages of a service that asks for keys. */
@ExtendWith(OneChromium.class)
class KeyPageTest {
    @TempDir
    private static Path data;

    private static Chromium chromium;

    @AutoClose
    private static RunningBarn barn;
    private static String admin;

    @BeforeAll
    static void start(Chromium one) throws Exception {
        chromium = one;
        admin = key("Ada", Role.ADMIN);
        barn = RunningBarn.start(RunningBarn.Settings.demo(1, data)).awaitReady(Duration.ofMinutes(3));
    }

    private static String key(String name, Role role) throws AccountException {
        try (Database database = Database.open(Optional.empty(), data)) {
            return new MemberKeys(database, InstantSource.system())
                    .create(new NewKey(name, role, Optional.empty(), KeyLimits.NONE)).secret().reveal();
        }
    }

    @Test
    void a_reader_is_asked_for_the_key_once_and_an_admin_makes_others() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/");
            assertThat(page.locator("dialog.key")).isVisible();
            assertThat(Axe.seriousViolations(page)).isEmpty();
            answer(page, "barn_wrong");
            assertThat(page.locator("dialog.key")).containsText("unknown, expired or revoked");
            answer(page, admin);
            assertThat(page.locator("dialog.key")).hasCount(0);
            ChatReader.at(visit, "/").askAndRead("What is Barnraiser?");

            visit.open("/cluster");
            assertThat(page.locator("h1").first()).isVisible();
            page.locator("nav").getByText("Members").click();
            assertThat(page.locator("tbody tr")).hasCount(1);
            page.getByLabel("Name").fill("Grace");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Make a key")).click();
            assertThat(page.locator("#secret")).containsText("barn_");
            assertThat(page.locator("tbody tr")).hasCount(2);
            assertThat(Axe.seriousViolations(page)).isEmpty();
            page.onDialog(Dialog::accept);
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Revoke the key of Grace")).click();
            assertThat(page.locator("tbody tr").nth(1)).containsText("revoked");
            assertThat(page.locator("#secret")).hasCount(0);
            // The browser itself writes that a request was refused.
            visit.complaints().removeIf(complaint -> complaint.contains("401"));
        }
    }

    private static void answer(Page page, String key) {
        page.locator("dialog.key input").fill(key);
        page.locator("dialog.key button.main").click();
    }
}

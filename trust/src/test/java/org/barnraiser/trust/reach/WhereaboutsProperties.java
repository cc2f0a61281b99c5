package org.barnraiser.trust.reach;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

import static org.assertj.core.api.Assertions.assertThat;

/** What members say of where they are is hostile until it is understood. */
class WhereaboutsProperties {
    @Property
    void nothing_that_is_said_does_harm_and_what_is_understood_says_the_same_again(
            @ForAll @StringLength(max = 40) @Chars({'+', ':', '~', '.', '[', ']', '-', '/', ' ',
                    '\n'}) @CharRange(from = '0', to = '9') @CharRange(from = 'a', to = 'f') String text) {
        Whereabouts.parse(text).ifPresent(found -> {
            assertThat(found.toString()).isEqualTo(text);
            found.direct().ifPresent(address -> {
                assertThat(Whereabouts.port(address)).isBetween(1, 65_535);
                assertThat(Whereabouts.host(address)).isNotEmpty();
            });
        });
    }

    @Example
    void what_only_its_own_machine_dials_is_known_however_it_is_written() {
        for (String here : new String[]{"localhost", "127.0.0.1", "127.0.1.7", "::1", "0:0:0:0:0:0:0:1"}) {
            assertThat(Whereabouts.isLoopback(here)).as(here).isTrue();
        }
        for (String elsewhere : new String[]{"attic.lan", "127.example.org", "192.0.2.7", "fe80::1", "::", ""}) {
            assertThat(Whereabouts.isLoopback(elsewhere)).as(elsewhere).isFalse();
        }
    }

    @Example
    void a_member_is_found_by_its_address_its_line_or_both() {
        assertThat(Whereabouts.parse("attic.lan:7001")).get().extracting(found -> found.line().isEmpty())
                .isEqualTo(true);
        assertThat(Whereabouts.parse("+attic~1a-2b")).get().extracting(found -> found.direct().isEmpty())
                .isEqualTo(true);
        assertThat(Whereabouts.parse("[fe80::1]:7001+attic~1")).map(Whereabouts::toString)
                .contains("[fe80::1]:7001+attic~1");
        for (String bad : new String[]{"", "+", "attic", "attic:", "attic:0", "attic:70000", "attic:1+", "attic:1+b",
                "a:1+b~1+c~2", "x".repeat(501) + ":1", "a b:1", "attic:1\n"}) {
            assertThat(Whereabouts.parse(bad)).as(bad).isEmpty();
        }
    }
}

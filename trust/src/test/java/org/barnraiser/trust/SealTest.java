package org.barnraiser.trust;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SealTest {
    private static final byte[] CONTENT = "what somebody keeps".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private Authority authority;

    @BeforeEach
    void found() throws Exception {
        authority = Authority.openOrCreate(folder.resolve("one"), InstantSource.system());
    }

    private Credentials credentials(Authority of, Role role) throws Exception {
        return of.credentials(new Identity(role, "someone"), Duration.ofDays(1));
    }

    @Test
    void a_seal_holds_for_its_content_and_purpose_alone() throws Exception {
        Seal seal = Seal.of(credentials(authority, Role.COORDINATOR), "receipt", CONTENT);
        Instant now = Instant.now();
        assertThat(seal.check("receipt", CONTENT, now).id()).isEqualTo("someone");
        assertThat(seal.fingerprint()).isEqualTo(Fingerprint.of(authority.certificate()));
        assertThatThrownBy(() -> seal.check("promise", CONTENT, now)).isInstanceOf(TrustException.class);
        assertThatThrownBy(() -> seal.check("receipt", new byte[]{1}, now)).isInstanceOf(TrustException.class);
        assertThatThrownBy(() -> seal.check("receipt", CONTENT, now.plus(Duration.ofDays(2))))
                .isInstanceOf(TrustException.class);
    }

    @Test
    void only_a_coordinator_of_the_very_authority_seals() throws Exception {
        Instant now = Instant.now();
        Seal workers = Seal.of(credentials(authority, Role.WORKER), "receipt", CONTENT);
        assertThatThrownBy(() -> workers.check("receipt", CONTENT, now)).isInstanceOf(TrustException.class)
                .hasMessageContaining("only coordinators may");
        Authority other = Authority.openOrCreate(folder.resolve("other"), InstantSource.system());
        Seal forged = Seal.of(credentials(other, Role.COORDINATOR), "receipt", CONTENT);
        Seal borrowed = new Seal(forged.certificate(), authority.certificate(), forged.signature());
        assertThatThrownBy(() -> borrowed.check("receipt", CONTENT, now)).isInstanceOf(TrustException.class);
    }

    @Test
    void a_purpose_cannot_run_into_the_content() throws Exception {
        Credentials credentials = credentials(authority, Role.COORDINATOR);
        assertThatThrownBy(() -> Seal.of(credentials, "a\0b", CONTENT)).isInstanceOf(IllegalArgumentException.class);
    }
}

package org.barnraiser.trust;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

class AuthorityTest {
    private static final Identity ATTIC = new Identity(Role.WORKER, "attic");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path folder;

    private Authority authority(String name) throws TrustException {
        return Authority.openOrCreate(folder.resolve(name), InstantSource.system());
    }

    @Test
    void it_is_made_once_and_is_the_same_after_a_restart() throws TrustException {
        X509Certificate first = authority("a").certificate();
        assertThat(authority("a").certificate()).isEqualTo(first);
        assertThat(Fingerprint.of(authority("b").certificate())).isNotEqualTo(Fingerprint.of(first));
    }

    @Test
    void nobody_else_may_read_its_files() throws Exception {
        authority("a").credentials(ATTIC, DAY);
        new Membership(authority("a").credentials(ATTIC, DAY), "h:1", "z:1").write(folder.resolve("w/trust"));
        assumeThat(Files.getFileStore(folder).supportsFileAttributeView("posix")).isTrue();
        for (Path where : List.of(folder.resolve("a"), folder.resolve("w/trust"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(where))).isEqualTo("rwx------");
        }
        for (Path secret : List.of(folder.resolve("a/authority.pem"), folder.resolve("w/trust/member.pem"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret))).isEqualTo("rw-------");
        }
    }

    @Test
    void a_member_is_read_back_as_it_was_written() throws TrustException {
        Membership written = new Membership(authority("a").credentials(ATTIC, DAY), "hall:7000", "hall:2181");
        written.write(folder.resolve("member"));
        assertThat(Membership.read(folder.resolve("member"))).contains(written);
        assertThat(written.credentials().identity()).isEqualTo(ATTIC);
        assertThat(written.toString()).doesNotContain("PrivateKey");
        assertThat(Membership.read(folder.resolve("nobody"))).isEmpty();
    }

    @Test
    void it_tells_how_each_members_newest_certificate_stands() throws TrustException {
        Authority authority = authority("a");
        authority.credentials(ATTIC, DAY);
        Credentials renewed = authority.credentials(ATTIC, DAY.multipliedBy(2));
        authority.credentials(new Identity(Role.WORKER, "cellar"), DAY);
        assertThat(authority.revoke("cellar")).isTrue();
        assertThat(authority.members()).extracting(member -> member.identity().id(), Authority.Standing::removed)
                .containsExactly(tuple("attic", false), tuple("cellar", true));
        assertThat(authority.members().getFirst().end().truncatedTo(ChronoUnit.SECONDS))
                .isEqualTo(renewed.certificate().getNotAfter().toInstant());
        authority.credentials(new Identity(Role.WORKER, "cellar"), DAY);
        assertThat(authority.members()).as("invited again").noneMatch(Authority.Standing::removed);
    }

    @Test
    void coordinators_with_one_authority_never_lose_whom_another_removed() throws Exception {
        Authority one = authority("a");
        Authority.adopt(folder.resolve("b"), folder.resolve("a/authority.pem"));
        Authority other = authority("b");
        Credentials attic = one.credentials(ATTIC, DAY);
        Credentials cellar = other.credentials(new Identity(Role.WORKER, "cellar"), DAY);
        assertThat(one.revoke("attic")).isTrue();
        assertThat(one.revoke("cellar")).as("of whom it knows nothing").isFalse();
        assertThat(other.revoke("cellar")).isTrue();
        one.learn(other.revocations().orElseThrow());
        other.learn(one.revocations().orElseThrow());
        assertThat(one.revocations()).contains(other.revocations().orElseThrow());
        Authority.adopt(folder.resolve("c"), folder.resolve("a/authority.pem"));
        Authority fresh = authority("c");
        fresh.learn(one.revocations().orElseThrow());
        fresh.credentials(new Identity(Role.WORKER, "barn"), DAY);
        assertThat(fresh.revoke("barn")).isTrue();
        Revocations known = new Revocations(one.certificate());
        assertThat(known.accept(one.revocations().orElseThrow())).isTrue();
        assertThat(known.accept(fresh.revocations().orElseThrow())).as("a newer one").isTrue();
        assertThat(known.isRevoked(attic.certificate())).isTrue();
        assertThat(known.isRevoked(cellar.certificate())).isTrue();
        assertThatExceptionOfType(TrustException.class)
                .isThrownBy(() -> one.learn(authority("stranger").revocations().orElseGet(() -> new byte[3])));
    }

    @Test
    void a_certificate_that_has_long_ended_is_not_on_the_list_any_more() throws Exception {
        authority("a");
        Instant begin = Instant.now();
        Authority then = Authority.open(folder.resolve("a"), () -> begin).orElseThrow();
        Credentials attic = then.credentials(ATTIC, DAY);
        assertThat(then.revoke("attic")).isTrue();
        Authority later = Authority.open(folder.resolve("a"), () -> begin.plus(DAY.multipliedBy(40))).orElseThrow();
        later.credentials(new Identity(Role.WORKER, "cellar"), DAY);
        assertThat(later.revoke("cellar")).isTrue();
        Revocations known = new Revocations(then.certificate());
        assertThat(known.accept(later.revocations().orElseThrow())).isTrue();
        assertThat(known.isRevoked(attic.certificate())).isFalse();
    }

    @Test
    void a_members_key_is_in_one_file() throws Exception {
        Path trust = folder.resolve("w/trust");
        new Membership(authority("a").credentials(ATTIC, DAY), "h:1", "z:1").write(trust);
        try (Member member = Member.start(Membership.read(trust).orElseThrow(), trust)) {
            assertThat(member.links().keyFile()).contains(trust.resolve("member.pem"));
        }
        try (var files = Files.list(trust)) {
            assertThat(files.filter(AuthorityTest::holdsKey)).containsExactly(trust.resolve("member.pem"));
        }
    }

    private static boolean holdsKey(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains("PRIVATE KEY");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_name_is_given_once_until_its_bearer_is_removed() throws TrustException {
        Authority authority = authority("a");
        SigningRequest request = SigningRequest.of(ATTIC);
        assertThat(authority.admit(ATTIC, request.der(), DAY)).isPresent();
        assertThat(authority.admit(ATTIC, request.der(), DAY)).isEmpty();
        assertThat(authority.revoke("attic")).isTrue();
        assertThat(authority.revoke("attic")).isFalse();
        assertThat(authority.admit(ATTIC, request.der(), DAY)).isPresent();
    }

    @Test
    void removal_reaches_every_certificate_of_a_member_and_no_other() throws TrustException {
        Authority authority = authority("a");
        Credentials first = authority.credentials(ATTIC, DAY);
        Credentials second = authority.credentials(ATTIC, DAY);
        Credentials other = authority.credentials(new Identity(Role.WORKER, "cellar"), DAY);
        authority.revoke("attic");
        Revocations known = new Revocations(authority.certificate());
        known.accept(authority.revocations().orElseThrow());
        assertThat(known.isRevoked(first.certificate())).isTrue();
        assertThat(known.isRevoked(second.certificate())).isTrue();
        assertThat(known.isRevoked(other.certificate())).isFalse();
    }

    @Test
    void a_list_of_another_authority_or_an_older_one_is_not_taken() throws TrustException {
        Authority authority = authority("a");
        for (String id : List.of("one", "two")) {
            authority.credentials(new Identity(Role.WORKER, id), DAY);
        }
        authority.revoke("one");
        byte[] older = authority.revocations().orElseThrow();
        authority.revoke("two");
        Revocations known = new Revocations(authority.certificate());
        assertThat(known.accept(authority.revocations().orElseThrow())).isTrue();
        assertThat(known.accept(older)).isFalse();
        Revocations theirs = new Revocations(authority("b").certificate());
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> theirs.accept(older));
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> known.accept(new byte[]{1, 2, 3}));
    }

    @Test
    void a_damaged_file_is_named_in_one_sentence() throws IOException, TrustException {
        authority("a");
        Files.writeString(folder.resolve("a/authority.pem"), "rubbish");
        assertThatExceptionOfType(TrustException.class).isThrownBy(() -> authority("a"))
                .withMessageContaining("authority.pem");
    }

    @Test
    void an_invitation_reads_back_and_whatever_else_is_no_invitation() throws TrustException {
        Invitation invitation = new Invitation("hall.example:7000", "ab".repeat(32), Invitation.newSecret());
        assertThat(Invitation.parse(" " + invitation.token() + "\n")).isEqualTo(invitation);
        assertThat(invitation.toString()).doesNotContain(invitation.secret());
        for (String bad : List.of("", "barn1", invitation.token().substring(1), invitation.token() + "x",
                new Invitation("no address", "ab".repeat(32), Invitation.newSecret()).token())) {
            assertThatExceptionOfType(TrustException.class).isThrownBy(() -> Invitation.parse(bad))
                    .withMessageContaining("barn invite").withMessageNotContaining(invitation.secret());
        }
    }
}

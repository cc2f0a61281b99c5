package org.barnraiser.coordinator.api;

import com.google.common.collect.ImmutableSet;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.IssuedKey;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.coordinator.account.Usage;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** What keys may use, as programs see it. In the scripted model a byte is a token, and an answer is "Hello" in two tokens. */
class KeyLimitsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private TestMembers members;
    private ApiTestServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws AccountException {
        members = new TestMembers(folder, Optional.empty());
        server = new ApiTestServer(members.members);
    }

    @AfterEach
    void stop() {
        server.close();
        members.close();
    }

    @Test
    void too_many_requests_of_a_minute_are_told_what_is_left_and_when_to_come_again() throws Exception {
        IssuedKey key = members.key(Role.MEMBER,
                limits(OptionalLong.of(2), OptionalLong.empty(), OptionalLong.empty()));
        HttpResponse<String> first = ask(key, "{'prompt':'a','max_tokens':5}");
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.headers().firstValue("x-ratelimit-limit-requests")).contains("2");
        assertThat(first.headers().firstValue("x-ratelimit-remaining-requests")).contains("1");
        assertThat(ask(key, "{'prompt':'a','max_tokens':5}").statusCode()).isEqualTo(200);
        HttpResponse<String> third = ask(key, "{'prompt':'a','max_tokens':5}");
        assertThat(third.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(third.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 30);
        assertThat(third.headers().firstValue("x-ratelimit-remaining-requests")).contains("0");
        assertThat(json(third).path("error").path("code").asText()).isEqualTo("rate_limit_exceeded");
        assertThat(json(third).path("error").path("type").asText()).isEqualTo("requests");
        assertThat(json(third).path("error").path("message").asText()).contains("2 times a minute", "0 left");
    }

    @Test
    void one_keys_limit_is_not_anothers() throws Exception {
        IssuedKey poor = members.key(Role.MEMBER,
                limits(OptionalLong.of(1), OptionalLong.empty(), OptionalLong.empty()));
        IssuedKey free = members.key(Role.MEMBER);
        assertThat(ask(poor, "{'prompt':'a'}").statusCode()).isEqualTo(200);
        assertThat(ask(poor, "{'prompt':'a'}").statusCode()).isEqualTo(429);
        assertThat(ask(free, "{'prompt':'a'}").statusCode()).isEqualTo(200);
    }

    @Test
    void tokens_are_reserved_at_the_start_and_given_back_at_the_end() throws Exception {
        IssuedKey key = members.key(Role.MEMBER,
                limits(OptionalLong.empty(), OptionalLong.of(100), OptionalLong.empty()));
        CountDownLatch mayEnd = new CountDownLatch(1);
        server.model.script = speaker -> {
            mayEnd.await();
            speaker.say("Hi");
            return new GenerationEnd.EndOfGeneration();
        };
        Thread reader = Thread.startVirtualThread(() -> ask(key, "{'prompt':'12345','max_tokens':80,'stream':true}"));
        await().atMost(PATIENCE).until(() -> server.model.started.size() == 1);
        HttpResponse<String> second = ask(key, "{'prompt':'12345','max_tokens':80}");
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.body()).contains("may take 85 tokens");
        mayEnd.countDown();
        reader.join();
        // It used 5 and 1; with 94 left there is room for this one.
        await().atMost(PATIENCE).until(() -> ask(key, "{'prompt':'12345','max_tokens':80}").statusCode() == 200);
        HttpResponse<String> never = ask(key, "{'prompt':'a','max_tokens':150}");
        assertThat(never.statusCode()).isEqualTo(429);
        assertThat(never.body()).contains("ask for a shorter answer");
    }

    @Test
    void the_day_is_charged_what_was_used_streams_and_broken_off_ones_included() throws Exception {
        IssuedKey key = members.key(Role.MEMBER,
                limits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(60)));
        assertThat(ask(key, "{'prompt':'12345','max_tokens':5}").statusCode()).isEqualTo(200);
        assertThat(ask(key, "{'prompt':'12345','max_tokens':5,'stream':true}").statusCode()).isEqualTo(200);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(used(key)).isEqualTo(new Usage(key.key().id(), day(key), 2, 10, 4)));
        HttpResponse<String> tooMuch = ask(key, "{'prompt':'12345','max_tokens':50}");
        assertThat(tooMuch.statusCode()).isEqualTo(429);
        assertThat(json(tooMuch).path("error").path("type").asText()).isEqualTo("insufficient_quota");
        assertThat(tooMuch.body()).contains("46 of its 60");
        assertThat(tooMuch.headers().firstValue("Retry-After")).isPresent();
        server.model.script = speaker -> {
            speaker.say("a").say("b").say("c");
            return new GenerationEnd.Failed("The machines are gone.", true);
        };
        assertThat(ask(key, "{'prompt':'12345','max_tokens':20}").statusCode()).isEqualTo(503);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(used(key)).isEqualTo(new Usage(key.key().id(), day(key), 3, 15, 7)));
    }

    @Test
    void an_answer_without_a_limit_of_its_own_ends_with_what_is_left() throws Exception {
        IssuedKey key = members.key(Role.MEMBER,
                limits(OptionalLong.empty(), OptionalLong.of(50), OptionalLong.of(30)));
        assertThat(ask(key, "{'prompt':'12345'}").statusCode()).isEqualTo(200);
        assertThat(server.model.started.getFirst().request.maxTokens()).isEqualTo(25);
    }

    @Test
    void answers_at_the_same_time_are_counted() throws Exception {
        IssuedKey key = members.key(Role.MEMBER,
                new KeyLimits(ImmutableSet.of(), OptionalLong.empty(), OptionalLong.empty(),
                        OptionalLong.empty(), OptionalLong.of(1), 1));
        CountDownLatch mayEnd = new CountDownLatch(1);
        server.model.script = _ -> {
            mayEnd.await();
            return new GenerationEnd.EndOfGeneration();
        };
        Thread reader = Thread.startVirtualThread(() -> ask(key, "{'prompt':'a'}"));
        await().atMost(PATIENCE).until(() -> server.model.started.size() == 1);
        assertThat(ask(key, "{'prompt':'a'}").statusCode()).isEqualTo(429);
        mayEnd.countDown();
        reader.join();
        assertThat(ask(key, "{'prompt':'a'}").statusCode()).isEqualTo(200);
    }

    @Test
    void a_key_for_other_models_is_told_which() throws Exception {
        IssuedKey key = members.key(Role.MEMBER,
                new KeyLimits(ImmutableSet.of("other"), OptionalLong.empty(), OptionalLong.empty(),
                        OptionalLong.empty(), OptionalLong.empty(), 1));
        HttpResponse<String> refused = ask(key, "{'prompt':'a'}");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("it may ask other");
    }

    @Test
    void keys_are_made_limited_rotated_and_revoked_over_the_api() throws Exception {
        IssuedKey admin = members.key(Role.ADMIN);
        HttpResponse<String> made = send("POST", "/api/keys", admin.secret().reveal(),
                "{'name':'Grace','role':'guest','requestsPerMinute':7,'expiresInDays':3}");
        assertThat(made.statusCode()).isEqualTo(201);
        String id = json(made).path("id").asText();
        String secret = json(made).path("key").asText();
        assertThat(send("GET", "/api/me", secret, "").body()).isEqualTo("{\"role\":\"guest\",\"name\":\"Grace\"}");
        assertThat(send("GET", "/api/keys", admin.secret().reveal(), "").body()).contains("Grace")
                .doesNotContain(secret);
        assertThat(
                json(send("PATCH", "/api/keys/" + id, admin.secret().reveal(), "{'weight':3}")).path("weight").asInt())
                .isEqualTo(3);
        String next = json(send("POST", "/api/keys/" + id + "/rotate", admin.secret().reveal(), "{}")).path("key")
                .asText();
        assertThat(send("GET", "/api/me", secret, "").statusCode()).isEqualTo(401);
        assertThat(send("GET", "/api/me", next, "").statusCode()).isEqualTo(200);
        assertThat(send("DELETE", "/api/keys/" + id, admin.secret().reveal(), "").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/api/me", next, "").statusCode()).isEqualTo(401);
        for (String bad : new String[]{"{'name':''}", "{'name':'a','role':'king'}", "{'name':'a','weight':0}",
                "{'name':'a','tokensPerDay':-1}", "{'name':'a','requestsPerMinute':'many'}",
                "{'name':'a','weight':1e300}"}) {
            assertThat(send("POST", "/api/keys", admin.secret().reveal(), bad).statusCode()).as(bad).isEqualTo(400);
        }
    }

    private Usage used(IssuedKey key) throws AccountException {
        return members.members.register().orElseThrow().usage().since(day(key)).getFirst();
    }

    private static LocalDate day(IssuedKey key) {
        return LocalDate.ofEpochDay(key.key().created().getEpochSecond() / 86_400);
    }

    private static KeyLimits limits(OptionalLong requests, OptionalLong minute, OptionalLong day) {
        return new KeyLimits(ImmutableSet.of(), requests, minute, day, OptionalLong.empty(), 1);
    }

    private HttpResponse<String> ask(IssuedKey key, String json) {
        return send("POST", COMPLETIONS, key.secret().reveal(), json);
    }

    private HttpResponse<String> send(String method, String path, String key, String json) {
        return server.send(HttpRequest.newBuilder(server.uri(path)).header("Authorization", "Bearer " + key)
                .method(method, HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))).build());
    }
}

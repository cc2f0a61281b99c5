package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The admission of a request that came with a key. */
final class CountedAdmission implements Admission {
    private final MemberKey key;
    private final Allowance allowance;
    private final UsageBook book;
    private final Bookkeeper.Place place;
    private @Nullable Reservation reservation;
    private long promptTokens;
    private long answerTokens;
    private boolean closed;

    CountedAdmission(MemberKey key, Allowance allowance, UsageBook book, Bookkeeper.Place place) {
        this.key = key;
        this.allowance = allowance;
        this.book = book;
        this.place = place;
    }

    @Override
    public int reserve(int prompt, int answer, int choices, boolean asked) throws RefusedException, AccountException {
        int each = asked ? answer : Math.min(answer, share(prompt, choices));
        long tokens = prompt + (long) choices * each;
        allowance.take(tokens);
        try {
            reservation = book.reserve(key.id(), tokens, key.limits());
        } catch (RefusedException full) {
            allowance.giveBack(tokens);
            allowance.giveBackRequest();
            Refusal refusal = full.refusal();
            throw refusal.headers().isEmpty() ? new RefusedException(refusal.with(headers())) : full;
        } catch (AccountException away) {
            allowance.giveBack(tokens);
            throw away;
        }
        return each;
    }

    /** What is left for each answer, but at least a token: with nothing left the reservation says so. */
    private int share(int prompt, int choices) throws AccountException {
        long left = Math.min(allowance.tokensLeft().orElse(Long.MAX_VALUE), book.tokensLeft(key.id(), key.limits()));
        return Math.clamp((left - prompt) / choices, 1, Integer.MAX_VALUE);
    }

    @Override
    public void used(int prompt, int answer) {
        promptTokens = prompt;
        answerTokens = answer;
    }

    @Override
    public ImmutableMap<String, String> headers() {
        return reservation == null || reservation.left().isEmpty() ? allowance.headers() : reservation.left();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        allowance.end();
        if (reservation == null) {
            place.giveUp();
        } else {
            Reservation open = Objects.requireNonNull(reservation);
            allowance.giveBack(Math.max(0, open.tokens() - promptTokens - answerTokens));
            place.settle(open, promptTokens, answerTokens);
        }
    }
}

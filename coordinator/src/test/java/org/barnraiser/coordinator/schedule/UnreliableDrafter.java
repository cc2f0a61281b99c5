package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.SampledToken;

/** Knows what {@link FakeModel} says next, and errs now and then, always at the same places; it even guesses on behind the end. */
final class UnreliableDrafter implements Drafter {
    @Override
    public ImmutableIntArray draft(Sequence sequence, int most) {
        List<Integer> tokens = new ArrayList<>(sequence.tokens(sequence.length()).asList());
        int known = tokens.size();
        int right = Math.floorMod(tokens.hashCode() * 0x9E3779B9, 7);
        float mu = sequence.mirostatMu();
        for (int i = 0; i < most; i++) {
            SampledToken token = FakeModel.next(sequence.sampling(), sequence.promptLength(), tokens, mu);
            mu = FakeModel.nextMu(sequence.sampling(), mu, token);
            tokens.add(i == right ? token.getToken() + 1 : token.getToken());
        }
        return ImmutableIntArray.copyOf(tokens.subList(known, tokens.size()));
    }
}

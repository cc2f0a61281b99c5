package org.barnraiser.coordinator.api.tools;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.MarkerSearch;
import org.barnraiser.coordinator.api.answer.PartList;
import org.barnraiser.coordinator.api.answer.PartReader;

/** Finds calls in what a model writes, in the style of its family. What turns out to be no call is text. */
public final class CallReader implements PartReader {
    private static final Pattern NAME = Pattern.compile("(?:function<｜tool▁sep｜>)?\\s*([A-Za-z0-9_.-]+)");
    private static final int MAX_HEADER = 300;

    private enum State {
        TEXT, BEFORE, HEADER, CALL, AFTER
    }

    private final CallStyle style;
    private final List<String> markers;
    private final Set<String> names;
    private final Supplier<String> ids;
    private final MarkerSearch search = new MarkerSearch();
    private final PartList parts = new PartList();
    /** What was read of a call that is not certain to be one. */
    private final StringBuilder raw = new StringBuilder();
    private final StringBuilder header = new StringBuilder();
    private final StringBuilder earlyArguments = new StringBuilder();
    /** Space that is shown if text follows. */
    private final StringBuilder space = new StringBuilder();
    private State state = State.TEXT;
    private CallScanner scanner = new CallScanner(false, new CallParts());
    private boolean bare;
    private boolean begun;
    private boolean hasArguments;
    private boolean shown;
    private int calls;

    /**
     * @param names of the tools that there are
     * @param ids makes ids for calls
     */
    public CallReader(CallStyle style, Set<String> names, Supplier<String> ids) {
        this.style = style;
        markers = style.markers();
        this.names = names;
        this.ids = ids;
    }

    @Override
    public List<AnswerPart> push(String text) {
        text.chars().forEach(c -> take((char) c));
        return parts.take();
    }

    @Override
    public List<AnswerPart> finish() {
        String rest = search.rest();
        if (state == State.TEXT) {
            rest.chars().forEach(c -> text((char) c));
        } else if (!begun && state != State.AFTER) {
            giveBack();
            rest.chars().forEach(c -> text((char) c));
        }
        if (calls == 0) {
            parts.add(new AnswerPart.Text(space.toString()));
        }
        space.setLength(0);
        return parts.take();
    }

    private void take(char c) {
        switch (state) {
            case TEXT, AFTER -> {
                String again = search.take(c, markers, new MarkerSearch.Listener() {
                    @Override
                    public void marker(String marker) {
                        found(marker);
                    }

                    @Override
                    public void plain(char plain) {
                        between(plain);
                    }
                });
                again.chars().forEach(next -> take((char) next));
            }
            case BEFORE -> before(c);
            case HEADER -> header(c);
            case CALL -> call(c);
        }
    }

    private void found(String marker) {
        if (style.openers().contains(marker)) {
            raw.setLength(0);
            raw.append(marker);
            header.setLength(0);
            bare = false;
            begun = false;
            state = State.BEFORE;
        } else if (calls > 0 && state == State.AFTER) {
            state = State.TEXT;
        } else if (marker.equals(style.closer())) {
            marker.chars().forEach(c -> text((char) c));
        }
    }

    /** A character outside of calls. */
    private void between(char c) {
        boolean separates = Character.isWhitespace(c) || c == ',' || c == ';' || c == ']' || c == '`';
        if (state == State.AFTER && separates) {
            return;
        }
        boolean mayBegin = state == State.AFTER ? style.closer().isEmpty() : style.isBare() && !shown;
        if (c == '{' && mayBegin) {
            raw.setLength(0);
            bare = state == State.TEXT;
            beginCall(false, c);
        } else {
            state = State.TEXT;
            text(c);
        }
    }

    private void text(char c) {
        if (Character.isWhitespace(c) && (!shown || calls > 0)) {
            space.append(c);
            return;
        }
        shown = true;
        parts.add(new AnswerPart.Text(space.toString() + c));
        space.setLength(0);
    }

    private void before(char c) {
        if (c == '{') {
            beginCall(false, c);
        } else {
            raw.append(c);
            if (!Character.isWhitespace(c) && c != '[') {
                header.append(c);
                state = State.HEADER;
            }
        }
    }

    private void header(char c) {
        Matcher name = NAME.matcher(header);
        if (c == '{' && name.lookingAt()) {
            String called = name.group(1);
            beginCall(true, c, called);
        } else {
            raw.append(c);
            header.append(c);
            if (header.length() > MAX_HEADER) {
                giveBack();
            }
        }
    }

    private void beginCall(boolean argumentsAlone, char brace, String... name) {
        state = State.CALL;
        begun = false;
        hasArguments = false;
        earlyArguments.setLength(0);
        scanner = new CallScanner(argumentsAlone, new CallParts());
        for (String known : name) {
            begin(known);
        }
        call(brace);
    }

    private void call(char c) {
        if (!begun) {
            raw.append(c);
        }
        scanner.take(c);
        if (!begun && ((bare && scanner.strange()) || (scanner.done() && state == State.CALL))) {
            giveBack();
        } else if (scanner.done() && state == State.CALL) {
            if (!hasArguments) {
                parts.add(new AnswerPart.CallArguments(calls - 1, "{}"));
            }
            state = State.AFTER;
        }
    }

    private void begin(String name) {
        if (name.isEmpty() || (bare && !names.contains(name))) {
            return;
        }
        begun = true;
        space.setLength(0);
        parts.add(new AnswerPart.CallBegin(calls, ids.get(), name));
        calls++;
        if (!earlyArguments.isEmpty()) {
            arguments(earlyArguments.toString());
            earlyArguments.setLength(0);
        }
    }

    private void arguments(String fragment) {
        hasArguments = true;
        parts.add(new AnswerPart.CallArguments(calls - 1, fragment));
    }

    /** It was no call. */
    private void giveBack() {
        state = State.TEXT;
        String given = raw.toString();
        raw.setLength(0);
        shown = true;
        parts.add(new AnswerPart.Text(space + given));
        space.setLength(0);
    }

    private final class CallParts implements CallScanner.Listener {
        @Override
        public void name(String name) {
            if (!begun) {
                begin(name);
            }
        }

        @Override
        public void arguments(String fragment) {
            if (begun) {
                CallReader.this.arguments(fragment);
            } else {
                earlyArguments.append(fragment);
            }
        }
    }
}

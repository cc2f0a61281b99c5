package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Python's methods of {@code str}, which keep each character's origin. */
final class StringMethods {
    private final Budget budget;

    StringMethods(Budget budget) {
        this.budget = budget;
    }

    /** The method of that name, bound to the text. */
    Optional<Value.Callable> find(Text text, String name) {
        Value.Callable method = switch (name) {
            case "strip" -> arguments -> strip(text, arguments, true, true);
            case "lstrip" -> arguments -> strip(text, arguments, true, false);
            case "rstrip" -> arguments -> strip(text, arguments, false, true);
            case "split" -> arguments -> split(text, arguments, false);
            case "rsplit" -> arguments -> split(text, arguments, true);
            case "splitlines" -> _ -> splitLines(text);
            case "startswith" ->
                arguments -> Value.of(anyPrefix(arguments, prefix -> text.string().startsWith(prefix)));
            case "endswith" -> arguments -> Value.of(anyPrefix(arguments, suffix -> text.string().endsWith(suffix)));
            case "replace" -> arguments -> replace(text, arguments.requireText(0, "old"),
                    arguments.requireText(1, "new"), arguments.getInteger(2, "count", -1));
            case "find" -> arguments -> Value.of(text.string().indexOf(arguments.requireText(0, "sub").string()));
            case "rfind" -> arguments -> Value.of(text.string().lastIndexOf(arguments.requireText(0, "sub").string()));
            case "count" -> arguments -> count(text, arguments.requireText(0, "sub"));
            case "upper" -> _ -> upper(text);
            case "lower" -> _ -> lower(text);
            case "capitalize" -> _ -> capitalize(text);
            case "title" -> _ -> title(text);
            case "removeprefix" -> arguments -> text.string().startsWith(arguments.requireText(0, "prefix").string())
                    ? text.slice(arguments.requireText(0, "prefix").length(), text.length())
                    : text;
            case "removesuffix" -> arguments -> text.string().endsWith(arguments.requireText(0, "suffix").string())
                    ? text.slice(0, text.length() - arguments.requireText(0, "suffix").length())
                    : text;
            case "isdigit" -> _ -> Value.of(text.length() > 0 && text.string().chars().allMatch(Character::isDigit));
            case "isalpha" -> _ -> Value.of(text.length() > 0 && text.string().chars().allMatch(Character::isLetter));
            case "isspace" ->
                _ -> Value.of(text.length() > 0 && text.string().chars().allMatch(StringMethods::isSpace));
            case "isupper" -> _ -> Value.of(!text.equals(lower(text)) && text.equals(upper(text)));
            case "islower" -> _ -> Value.of(!text.equals(upper(text)) && text.equals(lower(text)));
            case "join" -> arguments -> join(text, new Iteration(budget).items(arguments.require(0, "iterable")));
            default -> null;
        };
        return Optional.ofNullable(method).map(found -> arguments -> {
            budget.characters(text.length());
            return found.call(arguments);
        });
    }

    private interface Matcher {
        boolean matches(String affix);
    }

    private static boolean anyPrefix(Arguments arguments, Matcher matcher) {
        if (arguments.require(0, "prefix") instanceof Value.Sequence sequence) {
            return sequence.items().stream()
                    .anyMatch(item -> item instanceof Text text && matcher.matches(text.string()));
        }
        return matcher.matches(arguments.requireText(0, "prefix").string());
    }

    private static Text strip(Text text, Arguments arguments, boolean left, boolean right) {
        Value characters = arguments.get(0, "chars", Value.None.VALUE);
        return strip(text, characters instanceof Text some ? Optional.of(some.string()) : Optional.empty(), left,
                right);
    }

    /** Takes blanks, or any of the given characters, off the ends. */
    static Text strip(Text text, Optional<String> characters, boolean left, boolean right) {
        String string = text.string();
        int from = 0;
        int to = string.length();
        while (left && from < to && stripped(string.charAt(from), characters)) {
            from++;
        }
        while (right && to > from && stripped(string.charAt(to - 1), characters)) {
            to--;
        }
        return text.slice(from, to);
    }

    private static boolean stripped(char c, Optional<String> characters) {
        return characters.map(some -> some.indexOf(c) >= 0).orElseGet(() -> isSpace(c));
    }

    /** White space as Python's {@code str.isspace} sees it. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    private Value split(Text text, Arguments arguments, boolean fromRight) {
        long limit = arguments.getInteger(1, "maxsplit", -1);
        Value separator = arguments.get(0, "sep", Value.None.VALUE);
        List<Text> parts = separator instanceof Text some
                ? splitAt(text, some.string(), limit, fromRight)
                : splitAtSpace(text, limit);
        return Value.sequence(parts);
    }

    private List<Text> splitAt(Text text, String separator, long limit, boolean fromRight) {
        if (separator.isEmpty()) {
            throw new TemplateException("the chat template splits a string at an empty separator");
        }
        Deque<Text> parts = new ArrayDeque<>();
        String string = text.string();
        int from = 0;
        int to = string.length();
        while (limit < 0 || parts.size() < limit) {
            int at = fromRight
                    ? string.lastIndexOf(separator, to - separator.length())
                    : string.indexOf(separator, from);
            if (at < from) {
                break;
            }
            budget.step();
            if (fromRight) {
                parts.addFirst(text.slice(at + separator.length(), to));
                to = at;
            } else {
                parts.addLast(text.slice(from, at));
                from = at + separator.length();
            }
        }
        Text rest = text.slice(from, to);
        if (fromRight) {
            parts.addFirst(rest);
        } else {
            parts.addLast(rest);
        }
        return new ArrayList<>(parts);
    }

    private List<Text> splitAtSpace(Text text, long limit) {
        List<Text> parts = new ArrayList<>();
        String string = text.string();
        for (int at = 0; at < string.length();) {
            if (isSpace(string.charAt(at))) {
                at++;
                continue;
            }
            int end = at;
            while (end < string.length() && !isSpace(string.charAt(end))) {
                end++;
            }
            if (limit >= 0 && parts.size() == limit) {
                parts.add(strip(text.slice(at, string.length()), Optional.empty(), false, true));
                break;
            }
            budget.step();
            parts.add(text.slice(at, end));
            at = end;
        }
        return parts;
    }

    private Value splitLines(Text text) {
        List<Text> lines = splitAt(text, "\n", -1, false);
        if (lines.getLast().length() == 0) {
            lines.removeLast();
        }
        return Value.sequence(lines);
    }

    Text replace(Text text, Text old, Text replacement, long count) {
        if (old.length() == 0) {
            throw new TemplateException("the chat template replaces an empty string");
        }
        Text.Builder result = new Text.Builder();
        int from = 0;
        long left = count;
        for (int at = text.string().indexOf(old.string()); at >= 0 && left != 0; left--) {
            budget.characters((long) at - from + replacement.length() + 1);
            result.append(text.slice(from, at)).append(replacement);
            from = at + old.length();
            at = text.string().indexOf(old.string(), from);
        }
        return result.append(text.slice(from, text.length())).build();
    }

    private Value count(Text text, Text part) {
        if (part.length() == 0) {
            return Value.of(text.length() + 1L);
        }
        return Value.of(splitAt(text, part.string(), -1, false).size() - 1L);
    }

    Text join(Text separator, List<Value> items) {
        Printer printer = new Printer(budget);
        Text.Builder result = new Text.Builder();
        for (int i = 0; i < items.size(); i++) {
            Text item = printer.print(items.get(i));
            budget.characters((long) separator.length() + item.length());
            result.append(i == 0 ? Text.EMPTY : separator).append(item);
        }
        return result.build();
    }

    static Text upper(Text text) {
        return text.map(string -> string.toUpperCase(Locale.ROOT));
    }

    static Text lower(Text text) {
        return text.map(string -> string.toLowerCase(Locale.ROOT));
    }

    static Text capitalize(Text text) {
        return text.length() == 0 ? text : upper(text.slice(0, 1)).plus(lower(text.slice(1, text.length())));
    }

    static Text title(Text text) {
        Text.Builder result = new Text.Builder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            Text one = text.slice(i, i + 1);
            result.append(inWord ? lower(one) : upper(one));
            inWord = Character.isLetter(text.string().charAt(i));
        }
        return result.build();
    }
}

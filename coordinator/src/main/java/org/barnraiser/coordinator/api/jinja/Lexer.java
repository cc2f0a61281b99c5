package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a template's source into tokens, with Jinja's white-space control ({@code trim_blocks} and {@code lstrip_blocks}). */
final class Lexer {
    private static final Pattern OPENING = Pattern.compile("\\{[{%#]");
    private static final Pattern RAW_BEGIN = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-?)%\\}");
    private static final Pattern RAW_END = Pattern.compile("\\{%(-?)\\+?\\s*endraw\\s*([-+]?)%\\}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*+");
    private static final Pattern NUMBER = Pattern.compile("[0-9][0-9_]*+(\\.[0-9]++)?([eE][+-]?[0-9]++)?");
    private static final Pattern OPERATOR = Pattern
            .compile("(?:\\*\\*|//|==|!=|<=|>=|[-+*/%~<>=()\\[\\]{}|.,:])");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int lineCountedTo;
    /** What the last tag asks of the text after it. */
    private AfterTag afterTag = AfterTag.KEEP;

    private enum AfterTag {
        KEEP, DROP_NEWLINE, STRIP
    }

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        return new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines).run();
    }

    private List<Token> run() {
        Matcher opening = OPENING.matcher(source);
        while (opening.find(at)) {
            int start = opening.start();
            char kind = source.charAt(start + 1);
            char sign = start + 2 < source.length() ? source.charAt(start + 2) : ' ';
            data(start, sign == '-', kind != '{' && sign != '+');
            tag(start, kind, sign);
        }
        data(source.length(), false, false);
        add(Token.Kind.END, "");
        return tokens;
    }

    /** The text up to {@code end}, less what the tags on both sides ask to drop. */
    private void data(int end, boolean strip, boolean stripIndent) {
        int from = at;
        if (afterTag == AfterTag.STRIP) {
            while (from < end && Character.isWhitespace(source.charAt(from))) {
                from++;
            }
        } else if (afterTag == AfterTag.DROP_NEWLINE && from < end && source.charAt(from) == '\n') {
            from++;
        }
        int to = end;
        if (strip) {
            while (to > from && Character.isWhitespace(source.charAt(to - 1))) {
                to--;
            }
        } else if (stripIndent) {
            to = withoutIndent(from, end);
        }
        if (to > from) {
            add(Token.Kind.DATA, source.substring(from, to));
        }
        at = end;
    }

    /** Where the blanks before a tag begin if nothing else stands before it on its line; otherwise {@code end}. */
    private int withoutIndent(int from, int end) {
        int to = end;
        while (to > from && (source.charAt(to - 1) == ' ' || source.charAt(to - 1) == '\t')) {
            to--;
        }
        boolean lineStart = to == 0 || source.charAt(to - 1) == '\n';
        return lineStart ? to : end;
    }

    private void tag(int start, char kind, char sign) {
        at = start + (sign == '-' || sign == '+' ? 3 : 2);
        if (kind == '#') {
            comment();
        } else if (kind == '%' && raw(start)) {
            return;
        } else {
            boolean block = kind == '%';
            add(block ? Token.Kind.BLOCK_BEGIN : Token.Kind.OUTPUT_BEGIN, "");
            expressionTokens(block ? '%' : '}');
            add(block ? Token.Kind.BLOCK_END : Token.Kind.OUTPUT_END, "");
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw error("a comment is not closed");
        }
        afterTag = source.charAt(end - 1) == '-' ? AfterTag.STRIP : AfterTag.DROP_NEWLINE;
        at = end + 2;
    }

    private boolean raw(int start) {
        Matcher begin = RAW_BEGIN.matcher(source).region(start, source.length());
        if (!begin.lookingAt()) {
            return false;
        }
        Matcher end = RAW_END.matcher(source);
        if (!end.find(begin.end())) {
            throw error("a raw block is not closed");
        }
        afterTag = "-".equals(begin.group(1)) ? AfterTag.STRIP : AfterTag.KEEP;
        at = begin.end();
        data(end.start(), "-".equals(end.group(1)), true);
        at = end.end();
        afterTag = after(end.group(2));
        return true;
    }

    private static AfterTag after(String sign) {
        return switch (sign) {
            case "-" -> AfterTag.STRIP;
            case "+" -> AfterTag.KEEP;
            default -> AfterTag.DROP_NEWLINE;
        };
    }

    /** The tokens up to the closing braces, which may hold nested braces of dictionaries. */
    private void expressionTokens(char closing) {
        int depth = 0;
        while (true) {
            skipBlanks();
            if (at >= source.length()) {
                throw error("a tag is not closed");
            }
            if (depth == 0 && closes(closing)) {
                return;
            }
            char c = source.charAt(at);
            if (c == '\'' || c == '"') {
                string(c);
            } else {
                depth += switch (c) {
                    case '(', '[', '{' -> 1;
                    case ')', ']', '}' -> -1;
                    default -> 0;
                };
                wordOrOperator();
            }
        }
    }

    private boolean closes(char closing) {
        char sign = source.charAt(at);
        boolean signed = sign == '-' || (sign == '+' && closing == '%');
        int brace = signed ? at + 1 : at;
        if (!source.startsWith(closing + "}", brace)) {
            return false;
        }
        at = brace + 2;
        if (sign == '-') {
            afterTag = AfterTag.STRIP;
        } else {
            afterTag = closing == '%' && !signed ? AfterTag.DROP_NEWLINE : AfterTag.KEEP;
        }
        return true;
    }

    private void wordOrOperator() {
        Matcher name = NAME.matcher(source).region(at, source.length());
        Matcher number = NUMBER.matcher(source).region(at, source.length());
        Matcher operator = OPERATOR.matcher(source).region(at, source.length());
        if (name.lookingAt()) {
            add(Token.Kind.NAME, name.group());
            at = name.end();
        } else if (number.lookingAt()) {
            boolean real = number.group(1) != null || number.group(2) != null;
            add(real ? Token.Kind.REAL : Token.Kind.INTEGER, number.group().replace("_", ""));
            at = number.end();
        } else if (operator.lookingAt()) {
            add(Token.Kind.OPERATOR, operator.group());
            at = operator.end();
        } else {
            throw error("a character that has no meaning there");
        }
    }

    private void string(char quote) {
        StringBuilder text = new StringBuilder();
        for (at++; at < source.length() && source.charAt(at) != quote; at++) {
            char c = source.charAt(at);
            if (c == '\\' && at + 1 < source.length()) {
                at++;
                escape(source.charAt(at), text);
            } else {
                text.append(c);
            }
        }
        if (at >= source.length()) {
            throw error("a string is not closed");
        }
        at++;
        add(Token.Kind.STRING, text.toString());
    }

    private void escape(char c, StringBuilder text) {
        switch (c) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'v' -> text.append('\u000b');
            case '0' -> text.append('\0');
            case '\\', '\'', '"' -> text.append(c);
            case '\n' -> {
            }
            case 'x' -> codePoint(2, text);
            case 'u' -> codePoint(4, text);
            case 'U' -> codePoint(8, text);
            default -> text.append('\\').append(c);
        }
    }

    private void codePoint(int digits, StringBuilder text) {
        int end = at + 1 + digits;
        try {
            text.appendCodePoint(Integer.parseUnsignedInt(source, at + 1, end, 16));
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            throw error("an escape in a string is not a character");
        }
        at = end - 1;
    }

    private void skipBlanks() {
        while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
            at++;
        }
    }

    private void add(Token.Kind kind, String text) {
        for (; lineCountedTo < at; lineCountedTo++) {
            if (source.charAt(lineCountedTo) == '\n') {
                line++;
            }
        }
        tokens.add(new Token(kind, text, line));
    }

    private TemplateException error(String problem) {
        add(Token.Kind.END, "");
        return new TemplateException("the chat template is not valid in line " + line + ": " + problem);
    }
}

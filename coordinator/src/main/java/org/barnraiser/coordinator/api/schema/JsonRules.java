package org.barnraiser.coordinator.api.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rules that JSON of any kind is made of. */
final class JsonRules {
    static final Rule SPACE = new Rule.Named("ws");
    static final Rule CHARACTER = new Rule.Named("char");
    static final Rule STRING = new Rule.Named("string");
    static final Rule VALUE = new Rule.Named("value");
    static final Rule NUMBER = new Rule.Named("number");
    static final Rule OBJECT = new Rule.Named("object");
    static final Rule ARRAY = new Rule.Named("array");
    static final Rule BOOLEAN = Rule.choice(Rule.literal("true"), Rule.literal("false"));
    static final Rule NULL = Rule.literal("null");
    static final Rule QUOTE = Rule.literal("\"");
    static final Rule COMMA = Rule.sequence(Rule.literal(","), SPACE);
    /** What a string may hold as it is. */
    static final CharacterSet PLAIN = CharacterSet
            .union(List.of(CharacterSet.of("\"\\\u007f"), CharacterSet.range(0, 0x1f))).complement();
    private static final Rule HEX = new Rule.OneOf(CharacterSet.union(List.of(CharacterSet.range('0', '9'),
            CharacterSet.range('a', 'f'), CharacterSet.range('A', 'F'))));

    private JsonRules() {}

    static Map<String, Rule> rules() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("ws", Rule.choice(Rule.literal(""), Rule.literal(" "), Rule.sequence(Rule.literal("\n"),
                Rule.repeat(new Rule.OneOf(CharacterSet.of(" \t")), 0, 20))));
        rules.put("char", Rule.choice(new Rule.OneOf(PLAIN), Rule.sequence(Rule.literal("\\"), escape())));
        rules.put("string", Rule.sequence(QUOTE, Rule.any(CHARACTER), QUOTE));
        rules.put("number", NumberRules.number());
        rules.put("object", mapOf(VALUE));
        rules.put("array", Rule.sequence(Rule.literal("["), SPACE, Rule.optional(Rule.sequence(VALUE,
                Rule.any(Rule.sequence(COMMA, VALUE)), SPACE)), Rule.literal("]")));
        rules.put("value", Rule.choice(OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL));
        return rules;
    }

    /** An object with any keys. */
    static Rule mapOf(Rule value) {
        Rule member = Rule.sequence(STRING, Rule.literal(":"), SPACE, value);
        return Rule.sequence(Rule.literal("{"), SPACE,
                Rule.optional(Rule.sequence(member, Rule.any(Rule.sequence(COMMA, member)), SPACE)),
                Rule.literal("}"));
    }

    /** Never half of a character that JSON writes as two. */
    private static Rule escape() {
        Rule ordinary = Rule.sequence(new Rule.OneOf(CharacterSet.union(List.of(CharacterSet.range('0', '9'),
                CharacterSet.of("abcefABCEF")))), Rule.repeat(HEX, 3, 3));
        Rule belowSurrogates = Rule.sequence(new Rule.OneOf(CharacterSet.of("dD")),
                new Rule.OneOf(CharacterSet.range('0', '7')), Rule.repeat(HEX, 2, 2));
        return Rule.choice(new Rule.OneOf(CharacterSet.of("\"\\/bfnrt")),
                Rule.sequence(Rule.literal("u"), Rule.choice(ordinary, belowSurrogates)));
    }
}

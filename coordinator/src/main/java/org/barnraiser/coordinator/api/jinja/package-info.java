/**
 * A small interpreter of Jinja, the language of chat templates. It was written because a template comes from a model file
 * and is hostile until shown otherwise: every step and every character is counted against a budget, no Java object is in
 * reach, and each character of the result knows whether it came from the template or from a reader, so that a reader's
 * text can never turn into control tokens.
 *
 * <p>The library for this on the JVM, Jinjava 2.8.4, was tried first. It cannot parse Qwen 3's {@code messages[::-1]} and
 * {@code namespace(n=messages|length - 1)}, renders {@code not messages[0].role == 'system'} wrong without an error, writes
 * {@code tojson} in another way than models were trained with, and a template that it renders can neither be stopped nor
 * asked which of its text is a reader's.
 *
 * <p>It follows Jinja 3 as transformers sets it up for chat templates (trim_blocks, lstrip_blocks, immutable sandbox,
 * loopcontrols), in the parts of the language that chat templates use. It differs in that lengths and indexes of strings
 * count UTF-16 units, and in that a tuple prints as a list. The reference is https://jinja.palletsprojects.com/en/stable/templates/.
 */
@NullMarked
package org.barnraiser.coordinator.api.jinja;

import org.jspecify.annotations.NullMarked;

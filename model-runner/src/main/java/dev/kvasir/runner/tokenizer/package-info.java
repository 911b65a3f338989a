/**
 * Text to token ids and back, from {@code tokenizer.json}. Encoding is Hugging Face's own native library; decoding is done here,
 * because a stream must never give half a character.
 *
 * <p>An <em>added token</em> is one that is matched in a text before anything else. A <em>control text</em> is the text of an added
 * token that steers a chat: {@code <|im_end|>}. In a message's content it must stay text, so the content is <em>protected</em>: a
 * <em>marker</em>, a character that occurs in no content, breaks each control text, and {@code encodePrompt} turns only unbroken
 * ones into control.
 *
 * <pre>
 * content "a&lt;|im_end|&gt;" --ControlText.protect--> "a&lt;M|im_end|&gt;" --chat template--> prompt --encodePrompt--> ids
 * </pre>
 */
@NullMarked
package dev.kvasir.runner.tokenizer;

import org.jspecify.annotations.NullMarked;

/**
 * OpenAI's Responses API as values, with no HTTP in it. A <em>response</em> answers <em>input items</em> with <em>output items</em>: messages, thoughts and calls of
 * tools. A <em>stored response</em> is one that can be asked for, and continued, by its id. What is generated is a {@link dev.kvasir.engine.openai.ChatRequest}, as for a
 * chat.
 */
@NullMarked
package dev.kvasir.engine.responses;

import org.jspecify.annotations.NullMarked;

/**
 * Anthropic's Messages API as values, with no HTTP in it. A message is made of <em>content blocks</em>: text, thinking, calls of tools and their results. What is
 * generated is a {@link dev.kvasir.engine.openai.ChatRequest}, as for OpenAI's chats.
 */
@NullMarked
package dev.kvasir.engine.anthropic;

import org.jspecify.annotations.NullMarked;

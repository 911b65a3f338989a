package dev.kvasir.engine.serving;

import dev.kvasir.pool.CachedTokens;

/**
 * Tokens of a generation.
 *
 * @param promptTokens of all prompts, each counted once
 * @param cachedTokens of these, reused and not computed
 * @param completionTokens of all choices
 */
public record Usage(int promptTokens, CachedTokens cachedTokens, int completionTokens) {}

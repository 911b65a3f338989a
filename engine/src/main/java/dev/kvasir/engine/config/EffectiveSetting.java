package dev.kvasir.engine.config;

/**
 * What a setting is and who says so, to be shown.
 *
 * @param key its name
 * @param value as a person would write it; of a secret only whether there is one
 * @param source {@code default}, {@code file}, {@code flag}, or {@code set} for {@code --set}
 */
public record EffectiveSetting(String key, String value, String source) {}

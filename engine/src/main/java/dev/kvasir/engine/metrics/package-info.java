/**
 * What is measured, under vLLM's names with {@code kvasir_} before them. Counts come from the scheduler when somebody scrapes;
 * times are recorded when a request ends, never on the step thread.
 */
@NullMarked
package dev.kvasir.engine.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * How results are shown: a table of text for people, JSON for programs, and with both the machine that they were measured on,
 * without which a time means nothing.
 */
@NullMarked
package dev.kvasir.benchmarks.report;

import org.jspecify.annotations.NullMarked;

package dev.kvasir.runner;

import java.util.List;

/**
 * What a step gave.
 *
 * @param rows one per input row, same order
 */
public record StepOutput(List<RowOutput> rows) {}

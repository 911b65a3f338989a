package dev.kvasir.runner;

import java.util.List;

/**
 * A batch: the rows that one step computes.
 *
 * @param rows at least one; no two rows write the same slot
 */
public record StepInput(List<StepRow> rows) {
    public StepInput {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("a step needs at least one row");
        }
    }
}

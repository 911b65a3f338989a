package dev.kvasir.benchmarks.training.corpus;

import java.util.Locale;

/** Who speaks in a turn. */
public enum Role {
    SYSTEM,
    USER,
    ASSISTANT,
    TOOL;

    /** Returns the name of the role in the API's messages. */
    public String apiName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package dev.kvasir.engine.dashboard;

/** What is drawn as a curve. Its {@link #key} is the name in the document's {@code overview} and in the history. */
enum Series {
    RUNNING("running"),
    WAITING("waiting"),
    TOKENS_IN("tokensIn"),
    TOKENS_OUT("tokensOut"),
    TTFT_P50("ttftP50"),
    TTFT_P99("ttftP99"),
    ITL_P50("itlP50"),
    ITL_P99("itlP99"),
    E2E_P50("e2eP50"),
    E2E_P99("e2eP99"),
    HIT_DEVICE("hitDevice"),
    HIT_HOST("hitHost"),
    HIT_DISK("hitDisk"),
    HIT_REMOTE("hitRemote"),
    IN_USE("inUse"),
    FILLED("filled");

    final String key;

    Series(String key) {
        this.key = key;
    }
}

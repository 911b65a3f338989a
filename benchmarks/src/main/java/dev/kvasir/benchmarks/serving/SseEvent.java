package dev.kvasir.benchmarks.serving;

/**
 * One server-sent event.
 *
 * @param type the {@code event} field; {@code message} where there was none
 * @param data the {@code data} fields, joined by line feeds
 */
record SseEvent(String type, String data) {
    static final String MESSAGE = "message";
}

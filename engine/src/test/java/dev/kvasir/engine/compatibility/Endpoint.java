package dev.kvasir.engine.compatibility;

import java.util.List;
import java.util.stream.Stream;

/**
 * An endpoint with its fields.
 *
 * @param path that is posted to
 * @param schema of its requests, in the OpenAPI document
 * @param client the class of the official client that has its fields; empty where there is none
 * @param base the members of a request that is answered
 */
record Endpoint(String path, String schema, String client, String base, List<Field> fields) {
    /** How to generate: all endpoints that do have these. */
    static final List<Field> SAMPLING = List.of(
            Field.supported("temperature", "0.5"),
            Field.supported("top_p", "0.5"),
            Field.supported("top_k", "5"),
            Field.supported("min_p", "0.1"),
            Field.supported("repetition_penalty", "1.5"),
            Field.supported("presence_penalty", "0.5"),
            Field.supported("frequency_penalty", "0.5"),
            Field.supported("logit_bias", "{\"65\":100}"),
            Field.supported("seed", "12"),
            Field.supported("min_tokens", "390"),
            Field.supported("stop_token_ids", "[101]"),
            Field.supported("ignore_eos", "true"),
            Field.supported("cache_salt", "\"pepper\""),
            Field.supported("stream", "true"),
            Field.ofTime("priority", "7"),
            Field.ofTime("kvasir", "{\"deadline_ms\":60000}").as("kvasir.deadline_ms"));

    /** Returns the fields of all lists. */
    @SafeVarargs
    static List<Field> fields(List<Field>... lists) {
        return Stream.of(lists).flatMap(List::stream).toList();
    }

    /** Returns its part of the docs. */
    String section() {
        StringBuilder section =
                new StringBuilder("## `POST " + path + "`\n\n| Field | | Sent by the test |\n|---|---|---|\n");
        fields.forEach(field -> section.append(field.row()).append('\n'));
        return section.toString();
    }

    @Override
    public String toString() {
        return path;
    }
}

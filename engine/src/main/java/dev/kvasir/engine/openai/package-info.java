/**
 * OpenAI's HTTP API as values, with no HTTP in it: request bodies become checked records, results become response bodies. A
 * <em>field</em> is supported, ignored (it can't change the answer) or refused (it would, and isn't supported); what is wrong is an
 * {@link dev.kvasir.engine.openai.ApiError} that names the field. {@code docs/api.md} has the lists.
 */
@NullMarked
package dev.kvasir.engine.openai;

import org.jspecify.annotations.NullMarked;

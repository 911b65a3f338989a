/**
 * The HTTP door. A <em>route</em> is a path with its methods and who may use it; an <em>exchange</em> is one request with its
 * response, id and tenant; a <em>call</em> is an exchange that generates. Everything of one exchange happens on its event loop;
 * long tokenising happens on a worker, steps on the step thread.
 *
 * <pre>
 * request -> Door: phase, host, key, route, method -> BodyReader: bounded -> handler
 *              generating: prepare (parse, check, render, tokenise) -> Generation -> SseStream, or one body at the end
 * </pre>
 */
@NullMarked
package dev.kvasir.engine.http;

import org.jspecify.annotations.NullMarked;

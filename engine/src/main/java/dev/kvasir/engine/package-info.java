/**
 * The engine: puts pool, model runner and scheduler together and opens the HTTP door before them. {@link
 * dev.kvasir.engine.Main} is the command line, {@link dev.kvasir.engine.Server} one running server, {@link
 * dev.kvasir.engine.Wiring} the one place that knows which implementation stands behind which contract.
 */
@NullMarked
package dev.kvasir.engine;

import org.jspecify.annotations.NullMarked;

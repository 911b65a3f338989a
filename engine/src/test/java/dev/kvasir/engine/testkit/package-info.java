/** A model of a few lines, so that the engine can be tested without one. */
@NullMarked
package dev.kvasir.engine.testkit;

import org.jspecify.annotations.NullMarked;

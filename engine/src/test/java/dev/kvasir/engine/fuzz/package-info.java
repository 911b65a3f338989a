/**
 * Requests as nobody should send them. A <em>seed</em> is a right request; a mutator makes something else of it, from its bytes or from its JSON; a raw
 * client sends that and reads what comes, or leaves.
 */
@NullMarked
package dev.kvasir.engine.fuzz;

import org.jspecify.annotations.NullMarked;

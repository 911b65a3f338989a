/**
 * Tools: what a client offers, in what form models call them, and how a reply becomes content, reasoning and calls. No HTTP in it.
 *
 * <p>A <em>tool format</em> is how a family of models writes a call. A <em>reply parser</em> takes a reply piece by piece and gives <em>reply parts</em>. What
 * isn't a whole call of a tool that was offered is content: nothing that a model writes is an error.
 */
@NullMarked
package dev.kvasir.engine.tools;

import org.jspecify.annotations.NullMarked;

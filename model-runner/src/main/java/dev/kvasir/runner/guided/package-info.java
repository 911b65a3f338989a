/**
 * Answers that parse, whatever the model: which tokens may come next. Everything works on the bytes that tokens stand for.
 *
 * <p>A <em>terminal</em> is a regular language over bytes: a {@link dev.kvasir.runner.guided.DfaTerminal}, or the
 * {@link dev.kvasir.runner.guided.StringTerminal} with its counter. A <em>grammar</em> puts terminals together. A <em>thread</em> is one way to have read the
 * text so far: a terminal, the state in it, and the <em>frames</em> that say what follows. The state of an answer is a set of threads, each of which can
 * still be completed; so every prefix is one of a valid text.
 *
 * <pre>
 * schema, regex, EBNF ──> Grammar ──> Threads ──bytes of a token──> Threads
 *                                        │
 *   TokenTrie of the vocabulary ─────────┴──> mask: which tokens may come
 * </pre>
 *
 * <p>A mask has two parts. Most tokens stay inside one terminal, whatever follows: that part is a bit set for each state of a terminal, computed by one walk
 * over the vocabulary and cached. A few leave it ({@code ",}): their ends are walked for the threads at hand. The split is that of XGrammar (Dong et al.,
 * arXiv 2411.15100).
 */
@NullMarked
package dev.kvasir.runner.guided;

import org.jspecify.annotations.NullMarked;

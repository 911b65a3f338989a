/** Stories: a <em>plot</em> says what happens, a <em>story</em> is one telling of it, a <em>wish</em> is how a user asks for it. */
@NullMarked
package dev.kvasir.benchmarks.training.corpus.story;

import org.jspecify.annotations.NullMarked;

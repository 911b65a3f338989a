/** What the commands' options have in common. */
@NullMarked
package dev.kvasir.benchmarks.options;

import org.jspecify.annotations.NullMarked;

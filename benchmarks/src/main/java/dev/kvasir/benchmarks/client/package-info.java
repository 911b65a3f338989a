/** How the commands reach an OpenAI-compatible server: where it is, plain JSON requests, bounded answers. */
@NullMarked
package dev.kvasir.benchmarks.client;

import org.jspecify.annotations.NullMarked;

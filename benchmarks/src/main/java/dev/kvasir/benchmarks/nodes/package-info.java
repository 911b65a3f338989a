/**
 * A cluster of real processes on this machine under a load of documents and conversations. What is counted (hits, bytes, accesses, copies) doesn't depend on how many
 * cores there are; times do, and are not shown.
 */
@NullMarked
package dev.kvasir.benchmarks.nodes;

import org.jspecify.annotations.NullMarked;

/**
 * The truth that fast code is tested against: a forward pass and partial attention in plain Java and float64, written from the published
 * architectures to be read, not to be fast. Nothing here knows of caches, batches or TorchScript.
 *
 * <p>{@link dev.kvasir.runner.reference.ReferenceModel} gives the logits of a whole text,
 * {@link dev.kvasir.runner.reference.ReferenceAttention} attends over the pool's segments, and
 * {@link dev.kvasir.runner.reference.PartialMerge} merges what parts of a context gave.
 */
@NullMarked
package dev.kvasir.runner.reference;

import org.jspecify.annotations.NullMarked;

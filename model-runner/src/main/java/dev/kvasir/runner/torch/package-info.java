/**
 * The forward pass on DJL's PyTorch engine, without Python: Java writes a TorchScript archive whose methods are the steps of a
 * Llama-family model and whose attributes are the model's shape, and libtorch runs it.
 *
 * <pre>
 * embed -> [ qkv(l) -> rotate -> append(l) -> attend(l) -> output(l) -> mlp(l) ]* -> logits -> sample
 * </pre>
 *
 * <p>Two <em>plans</em> run the same methods: <em>fused</em> is one call for all layers, <em>layered</em> drives the layers from Java
 * and hands attention to a {@link dev.kvasir.runner.PartialAttention}, which may be of another kind.
 */
@NullMarked
package dev.kvasir.runner.torch;

import org.jspecify.annotations.NullMarked;

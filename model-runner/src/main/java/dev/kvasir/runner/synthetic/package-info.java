/**
 * Models made up from a seed: whole Hugging Face directories whose weights are random, for tests and for benchmarks of speed, where the
 * text that comes out doesn't matter.
 *
 * <p>A <em>shape</em> is a model's dimensions under a name ({@link dev.kvasir.runner.synthetic.ModelShapes}). A <em>synthetic
 * model</em> is a shape, a seed and a stored dtype; writing it gives {@code config.json}, {@code generation_config.json}, safetensors
 * and a <em>synthetic tokenizer</em> whose tokens look like pieces of words. The same settings give the same bytes, and a
 * tensor's values depend on the seed and its name alone: sharding moves it, a stored dtype rounds it, neither changes it.
 *
 * <pre>{@code
 * SyntheticModel model = SyntheticModel.tiny(Family.QWEN2).seed(7).dtype(DType.BFLOAT16);
 * model.write(directory);
 * ModelConfig expected = model.config();
 * }</pre>
 */
@NullMarked
package dev.kvasir.runner.synthetic;

import org.jspecify.annotations.NullMarked;

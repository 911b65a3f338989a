/**
 * Reading of Hugging Face model directories. A <em>model directory</em> holds {@code config.json}, a <em>checkpoint</em> and the
 * tokenizer's files. A checkpoint is a set of named tensors in one <em>safetensors</em> file or in several <em>shards</em> with an
 * index; a <em>slice</em> is one tensor's bytes, mapped and not copied. The <em>layout</em> lists the tensors that a config asks
 * for, so that everything is checked before anything is allocated.
 *
 * <pre>
 * config.json --ConfigReader--> ModelConfig --CheckpointLayout--> names and shapes --Checkpoint--> StoredTensor
 * </pre>
 *
 * <p>Files are untrusted: sizes are bounded before they are read, and whatever is wrong becomes a
 * {@link dev.kvasir.runner.ModelLoadException} of one sentence that names the file.
 */
@NullMarked
package dev.kvasir.runner.checkpoint;

import org.jspecify.annotations.NullMarked;

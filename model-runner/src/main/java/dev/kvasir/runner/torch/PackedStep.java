package dev.kvasir.runner.torch;

import ai.djl.pytorch.engine.PtNDArray;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.StepRow;
import java.util.List;

/**
 * A step laid out for TorchScript.
 *
 * @param order indices of the input's rows: decodes first, longest context first, then chunks
 * @param rows the rows in that order
 * @param firstToken index of each row's first token in the batch
 * @param tokens tokens of the batch
 * @param meta int64: token ids | positions | pool row of each token
 * @param spans what each row attends to: all its tokens up to and including itself
 */
record PackedStep(int[] order, List<StepRow> rows, int[] firstToken, int tokens, PtNDArray meta, List<Span> spans) {}

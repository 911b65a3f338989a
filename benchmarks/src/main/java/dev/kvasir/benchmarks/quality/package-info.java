/**
 * What replies lose when keys and values have been through an inexact form. A <em>variation</em> changes the segments of prompts in place; the same
 * continuations are computed without and with it and compared, token by token and by their distributions.
 */
@NullMarked
package dev.kvasir.benchmarks.quality;

import org.jspecify.annotations.NullMarked;

/**
 * How many nodes compute which requests together: TokenLake's elastic scheduling (arXiv 2508.17219, section 6). A <em>step-time model</em> is fitted to
 * measured steps; a <em>dynamic program</em> cuts requests, sorted by context, into batches and gives each a <em>degree</em> of parallelism, so
 * that their times add up to little and each meets its <em>target</em>. Nothing here knows where keys and values lie.
 *
 * <pre>
 *   requests by context   r0 r1 r2 | r3 r4 | r5
 *   nodes                    1         1     2        at most N together
 * </pre>
 *
 * Batches are of one phase: these are prefills, since a decode has degree 1 and nothing to decide.
 */
@NullMarked
package dev.kvasir.scheduler.elastic;

import org.jspecify.annotations.NullMarked;

/**
 * The prefix tree: which segments a pool holds, found by their tokens. A <em>run</em> is a node of the tree, one or more
 * whole segments in a row that have no branch between them; its children differ in their first segment. A <em>root</em>
 * is an empty run, one per model and tenant; runs below different roots never meet. A <em>path</em> is a reader's pinned
 * way from a root down to the end of one run.
 *
 * <pre>
 *  root (model, tenant A)                     pins count the paths that go through a run
 *   └─ run  s0 s1 s2            pins 2        segment s0 holds tokens [0, 64), s1 [64, 128), ...
 *       ├─ run  s3 s4           pins 1        a path ends here
 *       ├─ run  s3'             pins 1        another one ends here
 *       └─ run  s3'' s4''       pins 0        a leaf nobody pins: s4'' can be evicted, then s3''
 * </pre>
 */
@NullMarked
package dev.kvasir.pool.tree;

import org.jspecify.annotations.NullMarked;

/**
 * The data plane over loopback beside a plain NetSocket: how fast segments go, and how long a small query takes, alone and beside them. Both ends live
 * in this process, on an event loop each.
 */
@NullMarked
package dev.kvasir.benchmarks.wire;

import org.jspecify.annotations.NullMarked;

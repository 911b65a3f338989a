/**
 * What the pool's tiers cost and save on this machine, without HTTP: matching and inserting, copies to and from each tier beside a plain copy and the
 * disk's own rate, and the time to the first token of a prompt whose prefix lies in a tier. A real model, real stores, the scheduler as it serves.
 */
@NullMarked
package dev.kvasir.benchmarks.tiers;

import org.jspecify.annotations.NullMarked;

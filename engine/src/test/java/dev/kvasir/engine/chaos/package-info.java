/**
 * Real processes in network namespaces as on several machines, and what can happen to these: {@link dev.kvasir.engine.chaos.ChaosTest} breaks them at random
 * under load and looks whether anything is wrong afterwards.
 */
@NullMarked
package dev.kvasir.engine.chaos;

import org.jspecify.annotations.NullMarked;

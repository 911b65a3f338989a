/** The memory of the tiers below the device. */
@NullMarked
package dev.kvasir.pool.store;

import org.jspecify.annotations.NullMarked;

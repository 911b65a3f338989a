/**
 * Who shares segments with whom. A <em>tenant salt</em> is a secret of 32 bytes that enters the root of a tenant's identity
 * chain: equal salts share, and nobody who lacks the salt can compute an identity. All salts of a node come from its <em>node
 * secret</em>, which lies in the data directory and survives a restart.
 */
@NullMarked
package dev.kvasir.pool.tenant;

import org.jspecify.annotations.NullMarked;

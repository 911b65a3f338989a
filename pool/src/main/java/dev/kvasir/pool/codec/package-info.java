/**
 * Other forms in which tiers below the device keep segments. A <em>codec</em> turns a segment into its coded form and back; a <em>coded store</em>
 * is a tier's memory that does so on the way. What comes back needn't be what went in, so segments that pass through a codec have identities of
 * their own.
 */
@NullMarked
package dev.kvasir.pool.codec;

import org.jspecify.annotations.NullMarked;

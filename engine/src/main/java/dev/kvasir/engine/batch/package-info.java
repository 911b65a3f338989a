/**
 * Files that clients have uploaded, and batches: requests in such a file, answered in the background. A <em>line</em> is one request of a batch. Its answer is committed when it is
 * in the batch's <em>journal</em>; lines without one are answered again after a restart, and none is answered twice.
 *
 * <pre>
 * directory
 *   lock                    held by the process that owns it
 *   files/ID, files/ID.json content, and then what is known of it: a file exists when the latter does
 *   batches/ID.json         a batch, replaced as a whole whenever its status changes
 *   batches/ID.journal      its answers, while it runs
 * </pre>
 */
@NullMarked
package dev.kvasir.engine.batch;

import org.jspecify.annotations.NullMarked;

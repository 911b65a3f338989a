/**
 * Who holds what, for nodes of one process. A <em>hub</em> is what a network would be; each node's <em>directory</em> has a view of its own, which
 * changes when it polls, as one fed by a network does. The directory between processes is the engine's.
 *
 * <pre>
 *   announce, withdraw          poll                         poll
 *   ------------------> said --------> hub --> news of each --------> its view
 * </pre>
 */
@NullMarked
package dev.kvasir.pool.directory;

import org.jspecify.annotations.NullMarked;

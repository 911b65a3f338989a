/**
 * Attention over segments that lie on other nodes. A row's queries go to every node that lends it segments; each attends to those and sends back a
 * partial result, which is merged with that over the row's own segments by logsumexp, exactly.
 *
 * <pre>
 *   step thread                                  another node
 *   SplitAttention                               QueryServer, on a thread of its own
 *     |-- queries of a layer ------------------->|  visits the loans, attends
 *     |   attends to what is here                |
 *     |<------------------ output, logsumexp ----|
 *     |   merges
 * </pre>
 */
@NullMarked
package dev.kvasir.runner.remote;

import org.jspecify.annotations.NullMarked;

/**
 * What the pages of the web UI show. A <em>document</em> says how the node is now, and is made anew once a second; the <em>feed</em> tells each open page
 * the difference as a JSON merge patch. The <em>history</em> has the last hour of what is drawn as a curve, and a <em>trace</em> says where one request's
 * time went. All of it has a constant size, whatever the server does.
 *
 * <pre>
 *   scheduler, pool, cluster --counts--> Sampler --document--> Feed --patch, once a second--> pages
 *                                           |                    ^
 *                                           +----> History ------+ (a page that opens)
 * </pre>
 */
@NullMarked
package dev.kvasir.engine.dashboard;

import org.jspecify.annotations.NullMarked;

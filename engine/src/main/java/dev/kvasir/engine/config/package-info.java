/**
 * Settings. A <em>setting</em> has a dotted key ({@code http.port}), a default and one meaning, all written down in
 * {@code conf/kvasir.yaml}. A value comes from a flag, else from {@code --set}, else from the file, else it is the default. What
 * can't be served is refused at the start with one sentence that names the key.
 */
@NullMarked
package dev.kvasir.engine.config;

import org.jspecify.annotations.NullMarked;

package dev.kvasir.engine.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The origins whose pages may ask in their visitors' browsers.
 *
 * @param allowed as browsers send them: {@code https://app.example:8443}
 */
public record Origins(Set<String> allowed) {
    private static final Pattern ORIGIN =
            Pattern.compile("https?://([a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}])(:\\d{1,5})?");

    public Origins {
        allowed = Set.copyOf(allowed);
    }

    static Origins of(SettingValues values) {
        Set<String> allowed = new LinkedHashSet<>();
        List<String> given = values.list("http.corsOrigins");
        for (String text : given) {
            String origin = text.toLowerCase(Locale.ROOT);
            if (!ORIGIN.matcher(origin).matches()) {
                throw new SettingsException("http.corsOrigins must be origins as browsers send them, written like"
                        + " https://app.example or http://localhost:3000, not " + SettingValues.quoted(text));
            }
            allowed.add(origin);
        }
        return new Origins(allowed);
    }

    /** Returns whether pages of an origin may ask; a request without one is no page's. */
    public boolean allow(@Nullable String origin) {
        return origin != null && allowed.contains(origin);
    }

    /** Returns whether there are none. */
    public boolean isEmpty() {
        return allowed.isEmpty();
    }
}

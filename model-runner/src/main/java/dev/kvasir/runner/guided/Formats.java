package dev.kvasir.runner.guided;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What JSON Schema's {@code format} asks of a string, as regular expressions. Where a format has texts that only a calendar or a resolver could check, these
 * are left out: February has 28 days here.
 */
final class Formats {
    private static final String DATE =
            "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
                    + "|02-(0[1-9]|1[0-9]|2[0-8]))";
    private static final String CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?";
    private static final String OFFSET = "(Z|[+-](0[0-9]|1[01]):(00|30))";
    private static final String LABEL = "[a-z]([a-z0-9]{0,20}[a-z0-9])?";
    private static final String HOST = LABEL + "(\\." + LABEL + "){1,3}";
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String URI =
            "https?://[a-z][a-z0-9]*(\\.[a-z][a-z0-9]*)+(/[A-Za-z0-9._~-]+)*(\\?[A-Za-z0-9=&]+)?";
    private static final String EMAIL =
            "[A-Za-z0-9_+-]{1,20}(\\.[A-Za-z0-9_+-]{1,20}){0,2}@[a-z]{1,20}(\\.[a-z]{1,20}){0,2}\\.(com|org|net|edu|io|de)";

    private static final Map<String, String> REGEXES = Map.ofEntries(
            Map.entry("date", DATE),
            Map.entry("time", CLOCK + "(Z|\\+00:00)"),
            Map.entry("date-time", DATE + "T" + CLOCK + OFFSET),
            Map.entry("duration", "P([0-9]{1,4}D(T[0-9]{1,4}H)?|T[0-9]{1,4}[HMS]|[0-9]{1,4}[WMY])"),
            Map.entry("email", EMAIL),
            Map.entry("hostname", HOST),
            Map.entry("ipv4", BYTE + "(\\." + BYTE + "){3}"),
            Map.entry("ipv6", "[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}"),
            Map.entry("uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
            Map.entry("uri", URI),
            Map.entry("uri-reference", URI),
            Map.entry("iri", URI),
            Map.entry("iri-reference", URI),
            Map.entry("uri-template", URI),
            Map.entry("json-pointer", "(/[A-Za-z0-9_]+)+"),
            Map.entry("relative-json-pointer", "[1-9]?[0-9](/[A-Za-z0-9_]+)+"),
            Map.entry("regex", "[A-Za-z0-9]+"));

    private Formats() {}

    /** Returns the format's regular expression; null for one that is an annotation only. */
    static @Nullable String regex(String format) {
        return switch (format) {
            case "idn-email" -> REGEXES.get("email");
            case "idn-hostname" -> REGEXES.get("hostname");
            default -> REGEXES.get(format);
        };
    }
}

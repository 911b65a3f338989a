package dev.kvasir.runner.template;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Formats a time by C's {@code strftime}, in English. */
final class Strftime {
    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('d', "dd"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('j', "DDD"),
            Map.entry('m', "MM"),
            Map.entry('M', "mm"),
            Map.entry('p', "a"),
            Map.entry('S', "ss"),
            Map.entry('f', "SSSSSS"),
            Map.entry('y', "yy"),
            Map.entry('Y', "yyyy"),
            Map.entry('z', "xx"),
            Map.entry('Z', "zzz"),
            Map.entry('F', "yyyy-MM-dd"),
            Map.entry('T', "HH:mm:ss"),
            Map.entry('D', "MM/dd/yy"));

    private Strftime() {}

    static String format(String format, ZonedDateTime time) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                result.append(c);
                continue;
            }
            c = format.charAt(++i);
            boolean unpadded = c == '-' && i + 1 < format.length();
            if (unpadded) {
                c = format.charAt(++i);
            }
            @Nullable String pattern = PATTERNS.get(c);
            if (c == '%') {
                result.append('%');
            } else if (pattern == null) {
                throw new JinjaException("strftime_now doesn't know '%" + c + "'");
            } else {
                String text = time.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
                result.append(unpadded ? text.replaceFirst("^0+(?=.)", "") : text);
            }
        }
        return result.toString();
    }
}

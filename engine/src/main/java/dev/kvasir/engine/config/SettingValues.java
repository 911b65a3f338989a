package dev.kvasir.engine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The merged values, read as types. What doesn't fit is a {@link SettingsException} that names the key. */
final class SettingValues {
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,18})\\s*(B|KiB|MiB|GiB|TiB)?", Pattern.CASE_INSENSITIVE);

    private static final Pattern SHARE = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    private static final int MAX_SALT_CHARS = 1024; // of a request's cache_salt

    private final Map<String, Object> values;

    SettingValues(Map<String, Object> values) {
        this.values = values;
    }

    String text(String key) {
        return String.valueOf(values.get(key));
    }

    @Nullable
    String optionalText(String key) {
        String text = text(key);
        return text.isEmpty() ? null : text;
    }

    List<String> list(String key) {
        if (values.get(key) instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        throw new IllegalStateException(key + " is no list");
    }

    int integer(String key, int min, int max) {
        String text = text(key);
        try {
            long value = Long.parseLong(text.replace("_", ""));
            if (value >= min && value <= max) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            // Said below, with the range.
        }
        throw new SettingsException(
                key + " must be a whole number from " + min + " to " + max + ", not " + quoted(text));
    }

    /** Returns cache salts as a request may have them. */
    List<String> salts(String key) {
        List<String> salts = list(key);
        Set<String> seen = new HashSet<>();
        for (String salt : salts) {
            if (salt.isEmpty() || salt.length() > MAX_SALT_CHARS) {
                throw new SettingsException(key + " must have salts of 1 to " + MAX_SALT_CHARS
                        + " characters, as cache_salt has, not one of " + salt.length());
            }
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(salt)) {
                throw new SettingsException(key + " must be Unicode text, not " + quoted(salt));
            }
            if (!seen.add(salt)) {
                throw new SettingsException(key + " has " + quoted(salt) + " twice");
            }
        }
        return salts;
    }

    /** Returns a share above 0 and at most 1. */
    double share(String key) {
        String text = text(key);
        double value = SHARE.matcher(text).matches() ? Double.parseDouble(text) : -1;
        if (!(value > 0 && value <= 1)) {
            throw new SettingsException(
                    key + " must be a share above 0 and at most 1, written like 0.25, not " + quoted(text));
        }
        return value;
    }

    long size(String key, long min, long max) {
        String text = text(key);
        long bytes = parseSize(text);
        if (bytes < min || bytes > max) {
            throw new SettingsException(key + " must be a size from " + min + " to " + max
                    + " bytes, written like 4MiB or 1GiB, not " + quoted(text));
        }
        return bytes;
    }

    /** Returns the bytes that a text like {@code 4MiB} means, or -1. */
    static long parseSize(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            return -1;
        }
        String unit = matcher.group(2) == null ? "b" : matcher.group(2).toLowerCase(Locale.ROOT);
        int shift =
                switch (unit) {
                    case "kib" -> 10;
                    case "mib" -> 20;
                    case "gib" -> 30;
                    case "tib" -> 40;
                    default -> 0;
                };
        long number = Long.parseLong(matcher.group(1));
        return number > Long.MAX_VALUE >> shift ? -1 : number << shift;
    }

    @Nullable
    Path optionalPath(String key) {
        String text = optionalText(key);
        if (text == null) {
            return null;
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new SettingsException(key + " is no path: " + quoted(text));
        }
    }

    boolean bool(String key) {
        String text = text(key);
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new SettingsException(key + " must be true or false, not " + quoted(text));
        };
    }

    <E extends Enum<E>> E choice(String key, Class<E> type) {
        return choice(key, type, '_');
    }

    /** Returns a choice whose names are written with dashes. */
    <E extends Enum<E>> E dashedChoice(String key, Class<E> type) {
        return choice(key, type, '-');
    }

    private <E extends Enum<E>> E choice(String key, Class<E> type, char between) {
        String text = text(key);
        StringBuilder known = new StringBuilder();
        for (E value : type.getEnumConstants()) {
            String name = value.name().toLowerCase(Locale.ROOT).replace('_', between);
            if (name.equals(text)) {
                return value;
            }
            known.append(known.isEmpty() ? "" : ", ").append(name);
        }
        throw new SettingsException(key + " must be one of " + known + ", not " + quoted(text));
    }

    static String quoted(String text) {
        return "'" + (text.length() > 80 ? text.substring(0, 80) + ".." : text) + "'";
    }
}

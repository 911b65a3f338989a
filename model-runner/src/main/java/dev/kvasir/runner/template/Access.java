package dev.kvasir.runner.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Attributes, items and slices: {@code a.b}, {@code a['b']}, {@code a[1:]}. */
final class Access {
    private Access() {}

    /** Returns {@code base.name}: a method if there is one, else the item of that name. */
    static Object attribute(Object base, String name) {
        if (base instanceof Attributes attributes) {
            @Nullable Object value = attributes.find(name);
            return value != null ? value : missing(base, name);
        }
        @Nullable Callable method = Methods.find(base, name);
        return method != null ? method : mapItem(base, name);
    }

    /** Returns {@code base[key]}: the item if there is one, else the attribute of that name. */
    static Object item(Object base, Object key) {
        if (base instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (key instanceof Long index && (base instanceof List || base instanceof String)) {
            return element(base, index);
        }
        if (base instanceof Map<?, ?> map && map.containsKey(key)) {
            return Values.of(map.get(key));
        }
        return key instanceof String name ? attribute(base, name) : missing(base, Values.text(key));
    }

    private static Object mapItem(Object base, String name) {
        if (base instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (base instanceof Map<?, ?> map && map.containsKey(name)) {
            return Values.of(map.get(name));
        }
        return missing(base, name);
    }

    private static Object element(Object base, long index) {
        long length = Values.length(base);
        long from = index < 0 ? index + length : index;
        if (from < 0 || from >= length) {
            return missing(base, String.valueOf(index));
        }
        if (base instanceof List<?> list) {
            return Values.of(list.get((int) from));
        }
        String text = (String) base;
        int at = text.offsetByCodePoints(0, (int) from);
        return Character.toString(text.codePointAt(at));
    }

    private static Undefined missing(Object base, String name) {
        return new Undefined("'" + Values.typeName(base) + "' has no '" + name + "'");
    }

    /** Returns {@code base[start:stop:step]}, each of which may be None. */
    static Object slice(Object base, Object start, Object stop, Object step, Scope.Budget budget) {
        if (base instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!(base instanceof List) && !(base instanceof String)) {
            throw new JinjaException("'" + Values.typeName(base) + "' can't be sliced");
        }
        long by = index(step, 1);
        if (by == 0) {
            throw new JinjaException("a slice needs a step other than 0");
        }
        List<Object> elements = Values.elements(base);
        budget.spend(elements.size());
        int length = elements.size();
        // As in Python, bounds outside are moved to the ends; going backwards the end before the first is -1.
        long from = by > 0
                ? clamp(index(start, 0), length, 0, length)
                : clamp(index(start, length - 1), length, -1, length - 1);
        long to = by > 0
                ? clamp(index(stop, length), length, 0, length)
                : stop instanceof None ? -1 : clamp(index(stop, 0), length, -1, length - 1);
        List<Object> picked = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            picked.add(elements.get((int) i));
            if (Math.abs(by) > length) {
                break;
            }
        }
        if (base instanceof String) {
            StringBuilder text = new StringBuilder();
            picked.forEach(text::append);
            return text.toString();
        }
        return picked;
    }

    private static long index(Object value, long absent) {
        if (value instanceof None) {
            return absent;
        }
        if (value instanceof Long number) {
            return number;
        }
        throw new JinjaException("a slice needs whole numbers, not '" + Values.typeName(value) + "'");
    }

    private static long clamp(long index, int length, long min, long max) {
        long fromStart = index < 0 ? index + length : index;
        return Math.max(min, Math.min(max, fromStart));
    }
}

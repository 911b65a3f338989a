package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Callable.Arguments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Methods of maps, lists and strings. Those that would change a value don't exist, as in Hugging Face's sandbox. */
final class Methods {
    private Methods() {}

    static @Nullable Callable find(Object base, String name) {
        if (base instanceof Map<?, ?> map) {
            return ofMap(map, name);
        }
        if (base instanceof List<?> list) {
            return ofList(list, name);
        }
        return base instanceof String text ? StringMethods.find(text, name) : null;
    }

    private static @Nullable Callable ofMap(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> arguments -> items(map);
            case "keys" -> arguments -> Values.elements(map);
            case "values" -> arguments -> Values.elements(map.values());
            case "get" ->
                arguments -> {
                    Object key = arguments.required(0, "key");
                    return map.containsKey(key) ? Values.of(map.get(key)) : arguments.get(1, "default", None.NONE);
                };
            case "copy" -> arguments -> map;
            default -> null;
        };
    }

    static List<Object> items(Map<?, ?> map) {
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(List.of(Values.of(key), Values.of(value))));
        return items;
    }

    private static @Nullable Callable ofList(List<?> list, String name) {
        return switch (name) {
            case "index" -> arguments -> index(list, arguments);
            case "count" ->
                arguments -> {
                    Object wanted = arguments.required(0, "value");
                    return list.stream()
                            .filter(element -> Values.equal(Values.of(element), wanted))
                            .count();
                };
            case "copy" -> arguments -> list;
            default -> null;
        };
    }

    private static Object index(List<?> list, Arguments arguments) {
        Object wanted = arguments.required(0, "value");
        for (int i = 0; i < list.size(); i++) {
            if (Values.equal(Values.of(list.get(i)), wanted)) {
                return (long) i;
            }
        }
        throw new JinjaException("the list doesn't contain the value");
    }
}

package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Callable.Arguments;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja2's filters, those that templates use: {@code value | name(arguments)}. */
final class Filters {
    private Filters() {}

    static Object apply(String name, Object input, Arguments arguments) {
        return switch (name) {
            case "default", "d" -> {
                boolean replaces = input instanceof Undefined
                        || (Values.isTrue(arguments.get(1, "boolean", false)) && !Values.isTrue(input));
                yield replaces ? arguments.get(0, "default_value", "") : input;
            }
            case "string" -> Values.text(input);
            case "safe" -> input;
            case "tojson" -> JsonText.of(defined(input), arguments);
            case "length", "count" -> Values.length(input);
            case "trim" -> StringMethods.strip(Values.text(input), arguments, true, true);
            case "upper" -> Values.text(input).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(input).toLowerCase(Locale.ROOT);
            case "title" -> StringMethods.title(Values.text(input));
            case "capitalize" -> StringMethods.capitalize(Values.text(input));
            case "replace" -> StringMethods.replace(Values.text(input), arguments);
            case "indent" -> indent(Values.text(input), arguments);
            case "format" -> format(Values.text(input), arguments.positional());
            case "escape", "e" -> escape(Values.text(input));
            case "wordcount" -> (long) Values.text(input).strip().split("\\s+").length;
            case "int" -> integer(input, arguments);
            case "float" -> floating(input, arguments);
            case "abs" -> number(input).doubleValue() < 0 ? Operators.signed(true, input) : input;
            case "round" -> round(input, arguments);
            case "items" -> input instanceof Undefined ? List.of() : Methods.items(map(input));
            case "dictsort" -> {
                List<Object> items = Methods.items(map(input));
                items.sort(Values::compare);
                yield items;
            }
            case "attr" ->
                input instanceof Map
                        ? new Undefined("a dict has no attributes")
                        : Access.attribute(input, arguments.text(0, "name"));
            default -> ofList(name, input, arguments);
        };
    }

    private static Object ofList(String name, Object input, Arguments arguments) {
        if (!LIST_FILTERS.contains(name)) {
            throw new JinjaException("there is no filter '" + name + "'");
        }
        List<Object> elements = Values.elements(input);
        arguments.scope().budget().spend(elements.size());
        return switch (name) {
            case "list" -> elements;
            case "first" -> elements.isEmpty() ? new Undefined("the list is empty") : elements.get(0);
            case "last" -> elements.isEmpty() ? new Undefined("the list is empty") : elements.get(elements.size() - 1);
            case "join" -> {
                List<Object> parts = attributes(elements, arguments.get(1, "attribute", None.NONE));
                yield StringMethods.join(Values.text(arguments.get(0, "d", "")), parts, arguments.scope());
            }
            case "reverse" -> {
                Collections.reverse(elements);
                yield input instanceof String ? StringMethods.join("", elements, arguments.scope()) : elements;
            }
            case "sort" -> sort(elements, arguments);
            case "unique" -> unique(elements, arguments);
            case "sum" -> sum(attributes(elements, arguments.get(0, "attribute", None.NONE)), arguments);
            case "min" -> extreme(elements, Values::compare);
            case "max" -> extreme(elements, (a, b) -> Values.compare(b, a));
            case "map" -> map(elements, arguments);
            default -> select(name, elements, arguments);
        };
    }

    private static final Set<String> LIST_FILTERS = Set.of(
            "list",
            "first",
            "last",
            "join",
            "reverse",
            "sort",
            "unique",
            "sum",
            "min",
            "max",
            "map",
            "select",
            "reject",
            "selectattr",
            "rejectattr");

    private static Object defined(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        return value;
    }

    private static Map<?, ?> map(Object value) {
        if (defined(value) instanceof Map<?, ?> map) {
            return map;
        }
        throw new JinjaException("'" + Values.typeName(value) + "' has no items");
    }

    private static Number number(Object value) {
        if (Values.isNumber(defined(value))) {
            return Values.number(value);
        }
        throw new JinjaException("'" + Values.typeName(value) + "' is no number");
    }

    /** Follows {@code a.b.0} from each element; none means the element itself. */
    private static List<Object> attributes(List<Object> elements, Object path) {
        return path instanceof None
                ? elements
                : elements.stream().map(element -> attribute(element, path)).toList();
    }

    private static Object attribute(Object element, Object path) {
        if (path instanceof Long index) {
            return Access.item(element, index);
        }
        Object value = element;
        for (String name : Values.text(path).split("\\.", -1)) {
            value = Access.item(value, name.matches("\\d{1,9}") ? (Object) Long.valueOf(name) : name);
        }
        return value;
    }

    private static Object map(List<Object> elements, Arguments arguments) {
        Object path = arguments.named().get("attribute");
        if (path != null) {
            Object absent = arguments.named().get("default");
            return elements.stream()
                    .map(element -> attribute(element, path))
                    .map(value -> absent != null && value instanceof Undefined ? absent : value)
                    .toList();
        }
        String filter = arguments.text(0, "filter");
        return elements.stream()
                .map(element -> apply(filter, element, arguments.rest(1)))
                .toList();
    }

    private static Object select(String name, List<Object> elements, Arguments arguments) {
        boolean byAttribute = name.endsWith("attr");
        boolean wanted = name.startsWith("select");
        int test = byAttribute ? 1 : 0;
        Arguments testArguments = arguments.rest(test + 1);
        List<Object> picked = new ArrayList<>();
        for (Object element : elements) {
            Object value = byAttribute ? attribute(element, arguments.required(0, "attribute")) : element;
            boolean holds = arguments.positional().size() > test
                    ? Checks.holds(arguments.text(test, "test"), value, testArguments)
                    : Values.isTrue(value);
            if (holds == wanted) {
                picked.add(element);
            }
        }
        return picked;
    }

    private static Object sort(List<Object> elements, Arguments arguments) {
        Object path = arguments.get(2, "attribute", None.NONE);
        Object caseSensitive = arguments.get(1, "case_sensitive", false);
        Comparator<Object> order =
                Comparator.comparing(element -> sortKey(element, path, caseSensitive), Values::compare);
        elements.sort(Values.isTrue(arguments.get(0, "reverse", false)) ? order.reversed() : order);
        return elements;
    }

    private static Object unique(List<Object> elements, Arguments arguments) {
        Object path = arguments.get(1, "attribute", None.NONE);
        Object caseSensitive = arguments.get(0, "case_sensitive", false);
        List<Object> unique = new ArrayList<>();
        List<Object> keys = new ArrayList<>();
        for (Object element : elements) {
            arguments.scope().budget().spend(keys.size());
            Object key = sortKey(element, path, caseSensitive);
            if (!Values.contains(keys, key)) {
                keys.add(key);
                unique.add(element);
            }
        }
        return unique;
    }

    /** What an element is compared by. */
    private static Object sortKey(Object element, Object path, Object caseSensitive) {
        Object key = path instanceof None ? element : attribute(element, path);
        return key instanceof String text && !Values.isTrue(caseSensitive) ? text.toLowerCase(Locale.ROOT) : key;
    }

    private static Object sum(List<Object> elements, Arguments arguments) {
        Object sum = arguments.get(1, "start", 0L);
        for (Object element : elements) {
            sum = Operators.binary("+", sum, element, arguments.scope().budget());
        }
        return sum;
    }

    private static Object extreme(List<Object> elements, Comparator<Object> order) {
        return elements.stream().min(order).orElseGet(() -> new Undefined("the list is empty"));
    }

    private static String indent(String text, Arguments arguments) {
        Object width = arguments.get(0, "width", 4L);
        boolean first = Values.isTrue(arguments.get(1, "first", false));
        boolean blank = Values.isTrue(arguments.get(2, "blank", false));
        String indent = width instanceof String string
                ? string
                : " ".repeat(Math.max(0, Math.min(1000, number(width).intValue())));
        String[] lines = text.split("\n", -1);
        arguments.scope().budget().checkLength(text.length() + (long) lines.length * indent.length());
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < lines.length; i++) {
            boolean indents = i == 0 ? first : blank || !lines[i].isEmpty();
            result.append(i == 0 ? "" : "\n").append(indents ? indent : "").append(lines[i]);
        }
        return result.toString();
    }

    /** Python's {@code %} for the conversions s, d, r and f without options. */
    static String format(String format, List<Object> values) {
        StringBuilder result = new StringBuilder();
        int next = 0;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                result.append(c);
                continue;
            }
            char conversion = ++i < format.length() ? format.charAt(i) : ' ';
            if (conversion == '%') {
                result.append('%');
                continue;
            }
            if (next == values.size()) {
                throw new JinjaException("a format has more places than values");
            }
            Object value = values.get(next++);
            switch (conversion) {
                case 's' -> result.append(Values.text(value));
                case 'r' -> result.append(Values.repr(value));
                case 'd', 'i' -> result.append(number(value).longValue());
                case 'f' ->
                    result.append(String.format(Locale.ROOT, "%f", number(value).doubleValue()));
                default -> throw new JinjaException("format doesn't know '%" + conversion + "'");
            }
        }
        if (next < values.size()) {
            throw new JinjaException("a format has fewer places than values");
        }
        return result.toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;")
                .replace("'", "&#39;");
    }

    private static Object integer(Object input, Arguments arguments) {
        if (Values.isNumber(input)) {
            return Values.number(input).longValue();
        }
        try {
            return Long.parseLong(Values.text(input).strip());
        } catch (NumberFormatException e) {
            return arguments.get(0, "default", 0L);
        }
    }

    private static Object floating(Object input, Arguments arguments) {
        if (Values.isNumber(input)) {
            return Values.number(input).doubleValue();
        }
        try {
            return Double.parseDouble(Values.text(input).strip());
        } catch (NumberFormatException e) {
            return arguments.get(0, "default", 0.0);
        }
    }

    private static Object round(Object input, Arguments arguments) {
        double scale = Math.pow(10, arguments.integer(0, "precision", 0));
        double scaled = number(input).doubleValue() * scale;
        String method = Values.text(arguments.get(1, "method", "common"));
        double rounded =
                switch (method) {
                    case "ceil" -> Math.ceil(scaled);
                    case "floor" -> Math.floor(scaled);
                    default -> Math.rint(scaled);
                };
        return rounded / scale;
    }
}

package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Callable.Arguments;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Jinja2's tests: {@code value is name(arguments)}. */
final class Checks {
    private Checks() {}

    static boolean holds(String name, Object value, Arguments arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none", "None" -> value instanceof None;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "true", "True" -> Boolean.TRUE.equals(value);
            case "false", "False" -> Boolean.FALSE.equals(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "number" -> Values.isNumber(value);
            case "mapping" -> value instanceof Map;
            case "sequence" -> value instanceof List || value instanceof String || value instanceof Map;
            case "iterable" ->
                value instanceof List || value instanceof String || value instanceof Map || value instanceof Undefined;
            case "callable" -> value instanceof Callable;
            case "odd" -> Math.floorMod(whole(value), 2L) == 1;
            case "even" -> Math.floorMod(whole(value), 2L) == 0;
            case "divisibleby" -> divides(whole(arguments.required(0, "num")), whole(value));
            case "upper" -> value instanceof String text && text.equals(text.toUpperCase(Locale.ROOT));
            case "lower" -> value instanceof String text && text.equals(text.toLowerCase(Locale.ROOT));
            case "sameas" ->
                Values.typeName(value).equals(Values.typeName(arguments.required(0, "other")))
                        && Values.equal(value, arguments.required(0, "other"));
            case "eq", "equalto", "==" -> Operators.compare("==", value, arguments.required(0, "other"));
            case "ne", "!=" -> Operators.compare("!=", value, arguments.required(0, "other"));
            case "lt", "lessthan", "<" -> Operators.compare("<", value, arguments.required(0, "other"));
            case "le", "<=" -> Operators.compare("<=", value, arguments.required(0, "other"));
            case "gt", "greaterthan", ">" -> Operators.compare(">", value, arguments.required(0, "other"));
            case "ge", ">=" -> Operators.compare(">=", value, arguments.required(0, "other"));
            case "in" -> Operators.compare("in", value, arguments.required(0, "seq"));
            default -> throw new JinjaException("there is no test '" + name + "'");
        };
    }

    private static long whole(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw new JinjaException("'" + Values.typeName(value) + "' is no whole number");
    }

    private static boolean divides(long divisor, long value) {
        if (divisor == 0) {
            throw new JinjaException("division by zero");
        }
        return value % divisor == 0;
    }
}

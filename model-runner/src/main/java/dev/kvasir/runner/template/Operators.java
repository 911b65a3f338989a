package dev.kvasir.runner.template;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Python's operators. Whatever can grow is checked against the budget before it is made. */
final class Operators {
    private Operators() {}

    static boolean compare(String operator, Object a, Object b) {
        return switch (operator) {
            case "==" -> Values.equal(a, b);
            case "!=" -> !Values.equal(a, b);
            case "<" -> Values.compare(a, b) < 0;
            case "<=" -> Values.compare(a, b) <= 0;
            case ">" -> Values.compare(a, b) > 0;
            case ">=" -> Values.compare(a, b) >= 0;
            case "in" -> Values.contains(b, a);
            default -> !Values.contains(b, a);
        };
    }

    static Object signed(boolean minus, Object value) {
        if (!Values.isNumber(value)) {
            throw new JinjaException("'" + Values.typeName(value) + "' has no sign");
        }
        Number number = Values.number(value);
        if (number instanceof Long whole) {
            return minus ? exact(() -> Math.negateExact(whole)) : whole;
        }
        return minus ? -number.doubleValue() : number;
    }

    static Object binary(String operator, Object a, Object b, Scope.Budget budget) {
        if (operator.equals("~")) {
            return join(Values.text(a), Values.text(b), budget);
        }
        if (a instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (b instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (Values.isNumber(a) && Values.isNumber(b)) {
            return arithmetic(operator, Values.number(a), Values.number(b));
        }
        if (operator.equals("+") && a instanceof String left && b instanceof String right) {
            return join(left, right, budget);
        }
        if (operator.equals("+") && a instanceof List<?> left && b instanceof List<?> right) {
            budget.spend(left.size() + (long) right.size());
            List<Object> both = new ArrayList<>(left);
            both.addAll(right);
            return both;
        }
        if (operator.equals("%") && a instanceof String format) {
            return Filters.format(format, b instanceof List<?> list ? Values.elements(list) : List.of(b));
        }
        if (operator.equals("*") && b instanceof Long times) {
            return repeat(a, times, budget);
        }
        if (operator.equals("*") && a instanceof Long times) {
            return repeat(b, times, budget);
        }
        throw new JinjaException(
                "'" + operator + "' doesn't work on '" + Values.typeName(a) + "' and '" + Values.typeName(b) + "'");
    }

    private static String join(String a, String b, Scope.Budget budget) {
        budget.checkLength(a.length() + (long) b.length());
        return a.concat(b);
    }

    private static Object repeat(Object value, long times, Scope.Budget budget) {
        int count = (int) Math.max(0, Math.min(times, Integer.MAX_VALUE));
        if (value instanceof String text) {
            budget.checkLength((long) text.length() * count);
            return text.repeat(count);
        }
        if (value instanceof List<?> list) {
            budget.spend((long) list.size() * count);
            List<Object> repeated = new ArrayList<>();
            for (int i = 0; i < count && !list.isEmpty(); i++) {
                repeated.addAll(list);
            }
            return repeated;
        }
        throw new JinjaException("'*' doesn't work on '" + Values.typeName(value) + "'");
    }

    private static Object arithmetic(String operator, Number a, Number b) {
        boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
        if (divides && b.doubleValue() == 0) {
            throw new JinjaException("division by zero");
        }
        if (a instanceof Long left && b instanceof Long right && !operator.equals("/")) {
            long x = left;
            long y = right;
            return switch (operator) {
                case "+" -> exact(() -> Math.addExact(x, y));
                case "-" -> exact(() -> Math.subtractExact(x, y));
                case "*" -> exact(() -> Math.multiplyExact(x, y));
                case "//" -> Math.floorDiv(x, y);
                case "%" -> Math.floorMod(x, y);
                default -> power(x, y);
            };
        }
        double x = a.doubleValue();
        double y = b.doubleValue();
        return switch (operator) {
            case "+" -> x + y;
            case "-" -> x - y;
            case "*" -> x * y;
            case "/" -> x / y;
            case "//" -> Math.floor(x / y);
            case "%" -> x - y * Math.floor(x / y);
            default -> Math.pow(x, y);
        };
    }

    private static Object power(long base, long exponent) {
        double power = Math.pow((double) base, (double) exponent);
        if (exponent < 0) {
            return power;
        }
        if (Math.abs(power) > 1L << 53) {
            throw new JinjaException("a number is too large");
        }
        return (long) power;
    }

    private static Object exact(LongSupplier computation) {
        try {
            return computation.getAsLong();
        } catch (ArithmeticException e) {
            throw new JinjaException("a number is too large");
        }
    }
}

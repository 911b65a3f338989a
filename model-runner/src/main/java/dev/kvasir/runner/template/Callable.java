package dev.kvasir.runner.template;

import java.util.List;
import java.util.Map;

/** A function, macro or method that a template can call. */
@FunctionalInterface
interface Callable {
    Object call(Arguments arguments);

    /**
     * Arguments of a call, a filter or a test.
     *
     * @param scope where the call stands
     */
    record Arguments(Scope scope, List<Object> positional, Map<String, Object> named) {
        int count() {
            return positional.size() + named.size();
        }

        /** Returns the argument at a place or of a name, or the default. */
        Object get(int index, String name, Object absent) {
            if (index < positional.size()) {
                return positional.get(index);
            }
            return named.getOrDefault(name, absent);
        }

        Object required(int index, String name) {
            Object value = get(index, name, None.NONE);
            if (index >= positional.size() && !named.containsKey(name)) {
                throw new JinjaException("the argument '" + name + "' is missing");
            }
            return value;
        }

        String text(int index, String name) {
            if (required(index, name) instanceof String text) {
                return text;
            }
            throw new JinjaException("the argument '" + name + "' is not a string");
        }

        int integer(int index, String name, int absent) {
            Object value = get(index, name, (long) absent);
            if (value instanceof Long number && number.intValue() == number) {
                return number.intValue();
            }
            throw new JinjaException("the argument '" + name + "' is not a whole number");
        }

        /** Returns the arguments from the first on. */
        Arguments rest(int from) {
            return new Arguments(
                    scope, positional.subList(Math.min(from, positional.size()), positional.size()), named);
        }
    }
}

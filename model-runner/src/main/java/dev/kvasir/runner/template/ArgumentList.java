package dev.kvasir.runner.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arguments as they are written, of a call, a filter or a test. */
record ArgumentList(List<Expression> positional, Map<String, Expression> named) {
    static final ArgumentList EMPTY = new ArgumentList(List.of(), Map.of());

    Callable.Arguments evaluate(Scope scope) {
        List<Object> values = new ArrayList<>(positional.size());
        positional.forEach(argument -> values.add(argument.evaluate(scope)));
        Map<String, Object> namedValues = new LinkedHashMap<>();
        named.forEach((name, argument) -> namedValues.put(name, argument.evaluate(scope)));
        return new Callable.Arguments(scope, values, namedValues);
    }
}

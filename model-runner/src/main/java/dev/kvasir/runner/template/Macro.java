package dev.kvasir.runner.template;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A macro: a piece of template with parameters whose value is what it writes.
 *
 * @param around the scope whose variables it sees
 */
record Macro(Signature signature, Statement body, Scope around) implements Callable {
    /** @param defaults one per parameter, null for none */
    record Signature(String name, List<String> parameters, List<@Nullable Expression> defaults) {}

    @Override
    public Object call(Arguments arguments) {
        return call(arguments, null);
    }

    /** Calls with a body for {@code caller()}. */
    Object call(Arguments arguments, @Nullable Macro caller) {
        List<String> parameters = signature.parameters();
        if (arguments.positional().size() > parameters.size()
                || !Set.copyOf(parameters).containsAll(arguments.named().keySet())) {
            throw new JinjaException("the macro '" + signature.name() + "' takes " + parameters);
        }
        Scope scope = around.inner();
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            @Nullable Expression absent = signature.defaults().get(i);
            boolean given =
                    i < arguments.positional().size() || arguments.named().containsKey(parameter);
            scope.set(
                    parameter,
                    given
                            ? arguments.required(i, parameter)
                            : absent != null
                                    ? absent.evaluate(scope)
                                    : new Undefined("the parameter '" + parameter + "' was not given"));
        }
        if (caller != null) {
            scope.set("caller", caller);
        }
        StringBuilder out = new StringBuilder();
        scope.budget().enter();
        body.run(scope, out);
        scope.budget().leave();
        return out.toString();
    }
}

package dev.kvasir.runner.checkpoint;

import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.RopeConfig.Scaling;
import org.jspecify.annotations.Nullable;

/** Reads the rotary settings of a config, in the older ({@code rope_scaling}) and the newer ({@code rope_parameters}) form. */
final class RopeReader {
    private static final double DEFAULT_THETA = 10_000;
    private static final int MAX_CONTEXT = 1 << 24;

    private RopeReader() {}

    static RopeConfig read(JsonFields config) {
        JsonFields newer = config.object("rope_parameters");
        JsonFields older = config.object("rope_scaling");
        JsonFields scaling = newer != null ? newer : older;
        double theta = config.number("rope_theta", DEFAULT_THETA);
        if (newer != null) {
            theta = newer.number("rope_theta", theta);
        }
        if (!(theta > 0 && theta <= 1e15)) {
            throw new ModelLoadException(
                    config.file() + " has rope_theta " + theta + ", which is no base of frequencies");
        }
        refusePartialRotation(config);
        if (scaling == null) {
            return RopeConfig.plain(theta);
        }
        refusePartialRotation(scaling);
        String type = type(scaling, newer != null);
        return switch (type) {
            case "default" -> RopeConfig.plain(theta);
            case "linear" -> new RopeConfig(theta, Scaling.LINEAR, factor(scaling), 1, 1, 1);
            case "llama3" -> llama3(theta, scaling);
            default ->
                throw new ModelLoadException(scaling.file() + " has rope type \"" + type
                        + "\", which is not supported (default, linear and llama3 are)");
        };
    }

    private static String type(JsonFields scaling, boolean optional) {
        @Nullable String type = scaling.text("rope_type");
        if (type == null) {
            type = scaling.text("type");
        }
        if (type == null) {
            if (!optional) {
                throw new ModelLoadException(scaling.file() + " has no rope_type");
            }
            // Nested settings, one per kind of layer, have no type at the top either.
            scaling.node().forEach(value -> {
                if (value.isObject()) {
                    throw new ModelLoadException(
                            scaling.file() + " has settings per kind of layer, which is not supported");
                }
            });
            return "default";
        }
        return type;
    }

    private static RopeConfig llama3(double theta, JsonFields scaling) {
        double low = scaling.requiredNumber("low_freq_factor");
        double high = scaling.requiredNumber("high_freq_factor");
        int original = scaling.requiredSize("original_max_position_embeddings", MAX_CONTEXT);
        if (!(low > 0) || !(high > low)) {
            throw new ModelLoadException(scaling.file() + " has low_freq_factor " + low + " and high_freq_factor "
                    + high + ", but they must be positive and ascending");
        }
        return new RopeConfig(theta, Scaling.LLAMA3, factor(scaling), low, high, original);
    }

    private static double factor(JsonFields scaling) {
        double factor = scaling.requiredNumber("factor");
        if (factor < 1 || factor > 1e6) {
            throw new ModelLoadException(scaling.file() + " has factor " + factor + ", which is not from 1 to 1e6");
        }
        return factor;
    }

    private static void refusePartialRotation(JsonFields fields) {
        double part = fields.number("partial_rotary_factor", 1);
        if (part != 1) {
            throw new ModelLoadException(
                    fields.file() + " has partial_rotary_factor " + part + ", which is not supported (only 1 is)");
        }
    }
}

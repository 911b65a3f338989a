package dev.kvasir.runner;

/**
 * Rotary position embedding: which angle each pair of elements turns by per position.
 *
 * @param theta base of the frequencies
 * @param scaling how the frequencies are stretched
 * @param factor stretch, 1 for none
 * @param lowFrequencyFactor only for {@link Scaling#LLAMA3}
 * @param highFrequencyFactor only for {@link Scaling#LLAMA3}
 * @param originalContext context the model was first trained for; only for {@link Scaling#LLAMA3}
 */
public record RopeConfig(
        double theta,
        Scaling scaling,
        double factor,
        double lowFrequencyFactor,
        double highFrequencyFactor,
        int originalContext) {
    /** Rope types of Hugging Face's {@code rope_scaling} that Kvasir knows. */
    public enum Scaling {
        NONE,
        LINEAR,
        LLAMA3
    }

    /** Returns plain rotary embedding. */
    public static RopeConfig plain(double theta) {
        return new RopeConfig(theta, Scaling.NONE, 1, 1, 1, 1);
    }

    public RopeConfig {
        if (!(theta > 0) || !(factor >= 1)) {
            throw new IllegalArgumentException(
                    "rope needs a positive theta and a factor of 1 or more, not " + theta + " and " + factor);
        }
    }

    /** Returns the settings in one line, the same for equal settings. */
    public String canonical() {
        return "theta=" + theta + " scaling=" + scaling + " factor=" + factor + " low=" + lowFrequencyFactor + " high="
                + highFrequencyFactor + " original=" + originalContext;
    }
}

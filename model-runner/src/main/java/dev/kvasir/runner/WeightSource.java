package dev.kvasir.runner;

/** Where a model's weights come from, by their Hugging Face names. */
public interface WeightSource {
    /**
     * Returns a tensor.
     *
     * @param shape the shape it must have
     * @throws ModelLoadException if there is none of that name, or it has another shape
     */
    StoredTensor tensor(String name, long... shape);
}

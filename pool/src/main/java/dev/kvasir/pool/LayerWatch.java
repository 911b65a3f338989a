package dev.kvasir.pool;

/** Hears how far a step has come whose keys and values others read while it runs. Belongs to the step thread. */
public interface LayerWatch {
    /** Nobody reads what a step writes before it has ended. */
    LayerWatch NOBODY = new LayerWatch() {
        @Override
        public boolean isWatched() {
            return false;
        }

        @Override
        public void onLayer(int layer) {}
    };

    /** Returns whether somebody does, in the step that begins or runs. */
    boolean isWatched();

    /** The keys and values of a layer are written, those of all rows of the step. */
    void onLayer(int layer);
}

package dev.kvasir.runner.template;

/** Python's None: a value that is there and says nothing. */
enum None {
    NONE;

    @Override
    public String toString() {
        return "None";
    }
}

package dev.kvasir.runner.template;

/** What a name, attribute or item that doesn't exist gives: empty and false, but an error when anything more is asked of it. */
record Undefined(String reason) {
    JinjaException error() {
        return new JinjaException(reason);
    }

    @Override
    public String toString() {
        return "";
    }
}

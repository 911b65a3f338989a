package dev.kvasir.engine.compatibility;

/**
 * A field of a request.
 *
 * @param name as the docs write it; the part before the first dot is the body's own member
 * @param members what is sent, as the members of a JSON object
 * @param setup what is sent besides, with and without the field, as members, too
 */
record Field(String name, State state, String members, String setup) {
    enum State {
        SUPPORTED,
        /** Supported, too, but says when and not what: {@code UrgencyTest} sees what becomes of it. */
        OF_TIME,
        /** Read, and refused where it is wrong; what is asked for doesn't depend on it. */
        CHECKED,
        IGNORED,
        REFUSED
    }

    static Field supported(String name, String value) {
        return of(name, State.SUPPORTED, value);
    }

    static Field ofTime(String name, String value) {
        return of(name, State.OF_TIME, value);
    }

    static Field checked(String name, String value) {
        return of(name, State.CHECKED, value);
    }

    static Field ignored(String name, String value) {
        return of(name, State.IGNORED, value);
    }

    static Field refused(String name, String value) {
        return of(name, State.REFUSED, value);
    }

    private static Field of(String name, State state, String value) {
        return new Field(name, state, '"' + name + "\":" + value, "");
    }

    /** Returns the same, as a part of a larger member. */
    Field as(String dottedName) {
        return new Field(dottedName, state, members, setup);
    }

    /** Returns the same with other members around it. */
    Field with(String otherMembers) {
        return new Field(name, state, members, otherMembers);
    }

    /** Returns the member of the body that it is, or is in. */
    String member() {
        return name.split("\\.", 2)[0];
    }

    /** Returns its row in the docs. */
    String row() {
        String shown = setup.isEmpty() || setup.length() > 60 ? members : members + ", with " + setup;
        State told = state == State.OF_TIME ? State.SUPPORTED : state;
        return "| `" + name + "` | " + told.name().toLowerCase(java.util.Locale.ROOT) + " | `"
                + shown.replace("|", "\\|") + "` |";
    }
}

package dev.kvasir.engine.http;

import dev.kvasir.engine.tools.ToolFormat;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids that nobody else can choose: one that a client could choose might meet another one in the scheduler. */
final class Ids {
    private Ids() {}

    /** Returns an id of 24 digits behind its beginning. */
    static String of(String prefix) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextInt());
    }

    /** Returns the id of a call. Mistral's templates take ids of nine letters and digits alone. */
    static String ofCall(ToolFormat format, String prefix) {
        String digits = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return format == ToolFormat.MISTRAL ? digits.substring(0, 9) : prefix + digits;
    }
}

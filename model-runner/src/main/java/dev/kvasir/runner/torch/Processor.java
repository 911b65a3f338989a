package dev.kvasir.runner.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What this machine's processor can do. */
final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** Returns whether matrix products in bfloat16 have instructions of their own; unknown machines count as no. */
    static boolean hasBfloat16() {
        if (!Files.isReadable(CPU_INFO)) {
            return false;
        }
        try (var lines = Files.lines(CPU_INFO)) {
            // x86 lists "flags", Arm "Features"
            return lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .findFirst()
                    .map(line -> Arrays.asList(line.split("\\s+")))
                    .filter(flags ->
                            flags.contains("avx512_bf16") || flags.contains("amx_bf16") || flags.contains("bf16"))
                    .isPresent();
        } catch (IOException e) {
            return false;
        }
    }
}

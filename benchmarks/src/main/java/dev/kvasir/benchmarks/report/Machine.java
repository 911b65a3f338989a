package dev.kvasir.benchmarks.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The machine that a measurement ran on.
 *
 * @param os operating system and architecture
 * @param processor the processor's name, {@code unknown} where the system doesn't tell
 * @param cores hardware threads that this process may use
 * @param java the Java runtime
 */
public record Machine(String os, String processor, int cores, String java) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /** Returns this machine. */
    public static Machine here() {
        return new Machine(
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    }

    /**
     * Returns how many threads wanted to run in the last minute, on average; NaN where the system doesn't tell. Taken before
     * a measurement it shows whether the machine was quiet.
     */
    public static double load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? Double.NaN : load;
    }

    /** Returns the same as JSON. */
    public ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("os", os)
                .put("processor", processor)
                .put("cores", cores)
                .put("java", java);
    }

    @Override
    public String toString() {
        return processor + ", " + cores + " cores, " + os + ", " + java;
    }

    private static String processorName() {
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown"; // not Linux
        }
    }
}

package dev.kvasir.engine.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Files and batches.
 *
 * @param dir where they are; null for {@code batches} in the data directory
 * @param maxFileBytes longest uploaded file
 * @param tenantBytes of all files of a tenant
 * @param tenantFiles files of a tenant
 * @param maxLines requests of a batch
 * @param tenantOpen batches of a tenant that aren't over
 * @param inFlight requests of batches that the scheduler has at once
 */
public record BatchSettings(
        @Nullable Path dir,
        long maxFileBytes,
        long tenantBytes,
        int tenantFiles,
        int maxLines,
        int tenantOpen,
        int inFlight) {
    private static final long MOST_BYTES = 1L << 46;

    static BatchSettings of(SettingValues values) {
        return new BatchSettings(
                values.optionalPath("batches.dir"),
                values.size("batches.maxFileBytes", 1, MOST_BYTES),
                values.size("batches.tenantBytes", 1, MOST_BYTES),
                values.integer("batches.tenantFiles", 1, 1 << 20),
                values.integer("batches.maxLines", 1, 1 << 20),
                values.integer("batches.tenantOpen", 1, 1 << 16),
                values.integer("batches.inFlight", 1, 4096));
    }
}

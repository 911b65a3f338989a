package dev.kvasir.engine.batch;

/**
 * What clients may have here.
 *
 * @param maxFileBytes longest uploaded file
 * @param tenantBytes of all files of a tenant; answers may go beyond it, and nothing can be uploaded then
 * @param tenantFiles files of a tenant
 * @param maxLines requests of a batch
 * @param maxLineBytes longest request of a batch
 * @param tenantOpen batches of a tenant that aren't over
 * @param inFlight requests of all batches that run or wait at once
 */
public record BatchLimits(
        long maxFileBytes,
        long tenantBytes,
        int tenantFiles,
        int maxLines,
        int maxLineBytes,
        int tenantOpen,
        int inFlight) {
    public BatchLimits {
        if (maxFileBytes < 1 || tenantBytes < 1 || tenantFiles < 1 || maxLines < 1 || maxLineBytes < 1) {
            throw new IllegalArgumentException("limits that let nothing in");
        }
        if (tenantOpen < 1 || inFlight < 1) {
            throw new IllegalArgumentException(tenantOpen + " open batches, " + inFlight + " requests at once");
        }
    }
}

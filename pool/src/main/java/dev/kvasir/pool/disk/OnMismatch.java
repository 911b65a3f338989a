package dev.kvasir.pool.disk;

/** What to do with a store's file whose segments are of no use: of another model, dtype, layout or format, or with a damaged file header. */
public enum OnMismatch {
    /** Leave it alone and throw {@link IncompatibleStoreException}. */
    REFUSE,

    /** Empty it and go on; {@link FileStore#freshReason()} says why. A file that isn't a store's is refused all the same. */
    START_AFRESH
}

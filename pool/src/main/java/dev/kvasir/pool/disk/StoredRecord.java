package dev.kvasir.pool.disk;

import dev.kvasir.pool.SegmentHeader;

/**
 * A record as its header tells.
 *
 * @param slot where it lies
 * @param version grows with each write, over restarts
 * @param segment what it is
 * @param payloadCrc CRC32C of its bytes
 */
record StoredRecord(int slot, long version, SegmentHeader segment, int payloadCrc) {}

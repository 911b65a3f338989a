package dev.kvasir.runner.cuda;

/** Device memory that grows when more is asked for; its content is then lost. One owner. */
final class DeviceBuffer implements AutoCloseable {
    private final CudaDevice device;
    private long address;
    private long bytes;

    DeviceBuffer(CudaDevice device) {
        this.device = device;
    }

    /** Makes sure that there are so many bytes. What may still read the old ones must be over. */
    void reserve(long wanted) {
        if (wanted > bytes) {
            // A power of two, so that a batch that grows by a token a step doesn't allocate a step.
            long size = Math.max(1 << 12, Long.highestOneBit(wanted - 1) << 1);
            close();
            address = device.allocate(size);
            bytes = size;
        }
    }

    long address() {
        return address;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (bytes > 0) {
            long size = bytes;
            bytes = 0;
            device.free(address, size);
        }
    }
}

package dev.kvasir.runner.cuda;

import dev.kvasir.pool.KvDtype;

/**
 * Which kernels serve a model, chosen once from head dim, dtype and the device's architecture.
 *
 * @param decode the plain path's function: any span, segments rotated or not
 * @param prefill the tensor-core path's function for spans of many rows; empty if there is none
 * @param suffix of the other kernels' names: the dtype
 */
record KernelChoice(String decode, String prefill, String suffix) {
    /** Architectures from here on have mma.sync m16n8k16 and cp.async. */
    private static final int AMPERE = 80;

    private static final int WIDEST = 256;
    private static final int WIDEST_PREFILL = 128;
    private static final int MULTIPLE = 8;

    /**
     * Chooses.
     *
     * @param architecture ten times the compute capability
     * @param isInt8 whether keys and values are stored in int8
     * @throws IllegalArgumentException if no kernel takes that head dim
     */
    static KernelChoice of(int architecture, KvDtype dtype, int headDim, boolean isInt8) {
        if (headDim % MULTIPLE != 0 || headDim > WIDEST) {
            throw new IllegalArgumentException("no CUDA kernel for a head dim of " + headDim
                    + ": it must be a multiple of " + MULTIPLE + " up to " + WIDEST);
        }
        if (architecture < AMPERE) {
            throw new IllegalArgumentException(
                    "the CUDA kernels need sm_" + AMPERE + " or later, not sm_" + architecture);
        }
        String suffix =
                switch (dtype) {
                    case FLOAT32 -> "f32";
                    case FLOAT16 -> "f16";
                    case BFLOAT16 -> "bf16";
                };
        // The next power of two, from 32 on: what a kernel's registers are laid out for.
        int width = Math.max(32, Integer.highestOneBit(headDim - 1) << 1);
        String decode = "partial_attention_" + suffix + (isInt8 ? "_int8_" : "_") + width;
        boolean hasPrefill = dtype != KvDtype.FLOAT32 && !isInt8 && width <= WIDEST_PREFILL;
        return new KernelChoice(decode, hasPrefill ? "prefill_attention_" + suffix + "_" + width : "", suffix);
    }

    /** Returns whether spans of many rows have a path of their own. */
    boolean hasPrefill() {
        return !prefill.isEmpty();
    }

    @Override
    public String toString() {
        return "decode " + decode + ", prefill " + (hasPrefill() ? prefill + " (tensor cores)" : decode);
    }
}

// Copies within device memory, 16 bytes at a time.
//
//   gather_tokens   rows of listed tokens, all layers, K and V -> dense (tokens, planes, headDim); planes = layers * 2 * kvHeads
//   scatter_tokens  the way back: selective recomputation writes a few tokens of a segment
//   copy_slots      whole slots to other slots (compaction); no slot is both source and target
struct TokenRow {
    int slot;
    int token;
};

struct SlotMove {
    int from;
    int to;
};

// Where the 16 bytes `i` of a token lie: its planes stand segmentTokens rows apart.
__device__ __forceinline__ uint4* inSlot(
        uint4* pool, long long slotVectors, TokenRow row, int i, int rowVectors, int segmentTokens) {
    const long long plane = i / rowVectors;
    return pool + row.slot * slotVectors + (plane * segmentTokens + row.token) * rowVectors + i % rowVectors;
}

// Grid (tokens), block 128.
extern "C" __global__ void __launch_bounds__(128) gather_tokens(
        uint4* pool, long long slotVectors, const TokenRow* rows, uint4* dense, int planes, int rowVectors,
        int segmentTokens) {
    const TokenRow row = rows[blockIdx.x];
    const long long first = static_cast<long long>(blockIdx.x) * planes * rowVectors;
    for (int i = threadIdx.x; i < planes * rowVectors; i += blockDim.x) {
        dense[first + i] = *inSlot(pool, slotVectors, row, i, rowVectors, segmentTokens);
    }
}

// Grid (tokens), block 128.
extern "C" __global__ void __launch_bounds__(128) scatter_tokens(
        uint4* pool, long long slotVectors, const TokenRow* rows, const uint4* dense, int planes, int rowVectors,
        int segmentTokens) {
    const TokenRow row = rows[blockIdx.x];
    const long long first = static_cast<long long>(blockIdx.x) * planes * rowVectors;
    for (int i = threadIdx.x; i < planes * rowVectors; i += blockDim.x) {
        *inSlot(pool, slotVectors, row, i, rowVectors, segmentTokens) = dense[first + i];
    }
}

// Grid (moves, any), block 128: the blocks of a move share its vectors.
extern "C" __global__ void __launch_bounds__(128) copy_slots(
        uint4* pool, long long slotVectors, const SlotMove* moves) {
    const SlotMove move = moves[blockIdx.x];
    for (long long i = blockIdx.y * blockDim.x + threadIdx.x; i < slotVectors; i += gridDim.y * blockDim.x) {
        pool[move.to * slotVectors + i] = pool[move.from * slotVectors + i];
    }
}

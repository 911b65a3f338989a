// Partial attention over segments, the plain path: any head dim that is a multiple of 8 up to 256, any dtype, segments whose keys
// are rotated or not (position-free), K/V in the queries' dtype or in int8.
//
//   pool    [slot][layer][K|V][kvHead][token][headDim], from the layer's own offset on; of int8 a plane (one kvHead) is
//           scales[token] float32, then [token][headDim] int8
//   query   (tokens, heads, headDim), rotated
//   output  (tokens, heads, headDim)          logsumexp (tokens, heads) float32, natural logarithm
//   partial (rows, kvHeads, headDim) float32  partialLogsumexp (rows, kvHeads)
//
// Grid (tiles, kvHeads), block 128. Flash-decoding (Dao et al., 2023): a block has up to ROWS rows and some of the keys. In a warp D /
// PER neighbouring lanes share a token, each with PER of its elements, so that a warp reads several whole tokens with 16 bytes a lane; each such
// group keeps an online softmax of its own tokens (Milakov & Gimelshein, arXiv 1805.02867), and they are merged at the end.
#include "elements.cuh"
#include "spans.cuh"

constexpr int WARPS = 4;
constexpr int ROWS = 4;

struct Plane {
    const char* keys;
    const char* values;
};

// One token's PER elements from `at` on.
template <class KV, int PER> struct Vector {
    static __device__ __forceinline__ void load(const char* plane, int, int token, int headDim, int at, float (&to)[PER]) {
        loadVector<KV, PER>(reinterpret_cast<const KV*>(plane) + token * headDim + at, to);
    }
};
template <int PER> struct Vector<signed char, PER> {
    static __device__ __forceinline__ void load(
            const char* plane, int segmentTokens, int token, int headDim, int at, float (&to)[PER]) {
        const float scale = reinterpret_cast<const float*>(plane)[token];
        const char* codes = plane + segmentTokens * sizeof(float);
        loadVector<signed char, PER>(reinterpret_cast<const signed char*>(codes) + token * headDim + at, to);
#pragma unroll
        for (int i = 0; i < PER; i++) {
            to[i] *= scale;
        }
    }
};

template <class KV> __device__ __forceinline__ int planeBytes(int segmentTokens, int headDim) {
    return segmentTokens * headDim * static_cast<int>(sizeof(KV)) + (sizeof(KV) == 1 ? segmentTokens * 4 : 0);
}

// Turns PER elements of a key to its position: element i and i + headDim / 2 form a pair.
template <class KV, int PER>
__device__ __forceinline__ void rotate(
        const char* plane, int segmentTokens, int token, int headDim, int at, const float* cosines, const float* sines,
        int position, float (&key)[PER]) {
    const int half = headDim / 2;
    const bool upper = at >= half;
    float other[PER];
    Vector<KV, PER>::load(plane, segmentTokens, token, headDim, upper ? at - half : at + half, other);
    const int angle = position * half + (upper ? at - half : at);
#pragma unroll
    for (int i = 0; i < PER; i++) {
        const float turned = other[i] * sines[angle + i];
        key[i] = key[i] * cosines[angle + i] + (upper ? turned : -turned);
    }
}

template <class Q, class KV, int D>
__device__ __forceinline__ void attend(
        const Tile* tiles, const int* tables, const char* pool, long long slotBytes, const Q* query, Q* output,
        float* logsumexp, float* partial, float* partialLogsumexp, const float* cosines, const float* sines, int group,
        int headDim, int segmentShift, float scale) {
    constexpr int NARROW = 16 / sizeof(Q);
    constexpr int PER = NARROW > D / 32 ? NARROW : D / 32;
    constexpr int LANES = D / PER;
    constexpr int TOKENS = 32 / LANES;
    __shared__ float maxima[WARPS][ROWS];
    __shared__ float sums[WARPS][ROWS];
    __shared__ float outputs[WARPS][ROWS][D];

    const Tile tile = tiles[blockIdx.x];
    const int kvHead = blockIdx.y;
    const int kvHeads = gridDim.y;
    const int heads = kvHeads * group;
    const int warp = threadIdx.x >> 5;
    const int lane = threadIdx.x & 31;
    const int at = lane % LANES * PER;
    const bool inside = at < headDim;
    const int segmentTokens = 1 << segmentShift;
    const int bytes = planeBytes<KV>(segmentTokens, headDim);

    float q[ROWS][PER], o[ROWS][PER], m[ROWS], l[ROWS];
    int position[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
        m[r] = -INFINITY;
        l[r] = 0.f;
#pragma unroll
        for (int i = 0; i < PER; i++) {
            o[r][i] = 0.f;
            q[r][i] = 0.f;
        }
        const int row = tile.rowFrom + r;
        position[r] = r < tile.rows ? tile.firstPosition + row / group : -1;
        if (r < tile.rows && inside) {
            const long long at0 = static_cast<long long>(tile.firstQuery + row / group) * heads + kvHead * group + row % group;
            loadVector<Q, PER>(query + at0 * headDim + at, q[r]);
#pragma unroll
            for (int i = 0; i < PER; i++) {
                q[r][i] *= scale;
            }
        }
    }

#pragma unroll 1
    for (int first = tile.keyFrom + warp * TOKENS; first < tile.keyTo; first += WARPS * TOKENS) {
        const int key = first + lane / LANES;
        float k[PER], v[PER];
#pragma unroll
        for (int i = 0; i < PER; i++) {
            k[i] = 0.f;
            v[i] = 0.f;
        }
        if (key < tile.keyTo && inside) {
            const int entry = tables[tile.table + (key >> segmentShift)];
            const int token = key & (segmentTokens - 1);
            const char* keys = pool + (entry & ~POSITION_FREE) * slotBytes + static_cast<long long>(kvHead) * bytes;
            Vector<KV, PER>::load(keys, segmentTokens, token, headDim, at, k);
            Vector<KV, PER>::load(keys + static_cast<long long>(kvHeads) * bytes, segmentTokens, token, headDim, at, v);
            if (entry & POSITION_FREE) {
                rotate<KV, PER>(keys, segmentTokens, token, headDim, at, cosines, sines, key, k);
            }
        }
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            if (r < tile.rows) {
                float score = 0.f;
#pragma unroll
                for (int i = 0; i < PER; i++) {
                    score += q[r][i] * k[i];
                }
#pragma unroll
                for (int offset = LANES / 2; offset > 0; offset /= 2) {
                    score += __shfl_xor_sync(WARP, score, offset);
                }
                if (key < tile.keyTo && key <= position[r]) {
                    // Rescale by the running maximum, so that 2^x never overflows.
                    const float most = fmaxf(m[r], score);
                    const float kept = power2(m[r] - most);
                    const float weight = power2(score - most);
                    m[r] = most;
                    l[r] = l[r] * kept + weight;
#pragma unroll
                    for (int i = 0; i < PER; i++) {
                        o[r][i] = o[r][i] * kept + weight * v[i];
                    }
                }
            }
        }
    }

#pragma unroll
    for (int r = 0; r < ROWS; r++) {
        // The groups of a warp saw different tokens of the same rows.
#pragma unroll
        for (int offset = LANES; offset < 32; offset *= 2) {
            const float otherMost = __shfl_xor_sync(WARP, m[r], offset);
            const float most = fmaxf(m[r], otherMost);
            const float mine = weightOf(m[r], most);
            const float others = weightOf(otherMost, most);
            l[r] = l[r] * mine + __shfl_xor_sync(WARP, l[r], offset) * others;
#pragma unroll
            for (int i = 0; i < PER; i++) {
                o[r][i] = o[r][i] * mine + __shfl_xor_sync(WARP, o[r][i], offset) * others;
            }
            m[r] = most;
        }
        if (lane == 0) {
            maxima[warp][r] = m[r];
            sums[warp][r] = l[r];
        }
        if (lane < LANES) {
#pragma unroll
            for (int i = 0; i < PER; i++) {
                outputs[warp][r][at + i] = o[r][i];
            }
        }
    }
    __syncthreads();

#pragma unroll 1
    for (int i = threadIdx.x; i < tile.rows * headDim; i += WARPS * 32) {
        const int r = i / headDim;
        const int d = i % headDim;
        float most = -INFINITY;
#pragma unroll
        for (int w = 0; w < WARPS; w++) {
            most = fmaxf(most, maxima[w][r]);
        }
        float sum = 0.f;
        float value = 0.f;
#pragma unroll
        for (int w = 0; w < WARPS; w++) {
            const float weight = weightOf(maxima[w][r], most);
            sum += weight * sums[w][r];
            value += weight * outputs[w][r][d];
        }
        value = sum > 0.f ? value / sum : 0.f;
        const float log = sum > 0.f ? (most + log2of(sum)) * LN2 : -INFINITY;
        if (tile.partial < 0) {
            const int row = tile.rowFrom + r;
            const long long to = static_cast<long long>(tile.firstQuery + row / group) * heads + kvHead * group + row % group;
            output[to * headDim + d] = fromFloat<Q>(value);
            if (d == 0) {
                logsumexp[to] = log;
            }
        } else {
            const long long to = static_cast<long long>(tile.partial + r) * kvHeads + kvHead;
            partial[to * headDim + d] = value;
            if (d == 0) {
                partialLogsumexp[to] = log;
            }
        }
    }
}

#define KERNEL(NAME, Q, KV, D) \
    extern "C" __global__ void __launch_bounds__(WARPS * 32) NAME( \
            const Tile* tiles, const int* tables, const char* pool, long long slotBytes, const Q* query, Q* output, \
            float* logsumexp, float* partial, float* partialLogsumexp, const float* cosines, const float* sines, \
            int group, int headDim, int segmentShift, float scale) { \
        attend<Q, KV, D>(tiles, tables, pool, slotBytes, query, output, logsumexp, partial, partialLogsumexp, cosines, \
                sines, group, headDim, segmentShift, scale); \
    }
#define KERNELS(D) \
    KERNEL(partial_attention_f32_##D, float, float, D) \
    KERNEL(partial_attention_f16_##D, __half, __half, D) \
    KERNEL(partial_attention_bf16_##D, __nv_bfloat16, __nv_bfloat16, D) \
    KERNEL(partial_attention_f32_int8_##D, float, signed char, D) \
    KERNEL(partial_attention_f16_int8_##D, __half, signed char, D) \
    KERNEL(partial_attention_bf16_int8_##D, __nv_bfloat16, signed char, D)
KERNELS(32)
KERNELS(64)
KERNELS(128)
KERNELS(256)

// Partial attention over segments, the tensor-core path for prefill: float16 and bfloat16, head dims that are multiples of 8 up to 128,
// keys rotated. Arguments and layouts are those of partial_attention.cu.
//
// Grid (tiles, kvHeads), block 128. FlashAttention-2 (Dao, arXiv 2307.08691): a warp has 16 rows in registers and goes through the keys, KEYS at a
// time; scores and outputs are mma.sync m16n8k16 with float32 sums. While one tile of keys and values is computed, cp.async brings the
// next one to the other half of shared memory. Rows of shared memory are padded by 16 bytes, so that ldmatrix meets no bank conflict.
//
// Fragments (PTX ISA, "Matrix Fragments for mma.m16n8k16"), g = lane / 4, t = lane % 4:
//   A  a0,a1: row g, columns 2t,2t+1   a2,a3: row g + 8   a4,a5: row g, columns 2t+8,2t+9   a6,a7: row g + 8
//   B  b0,b1: rows 2t,2t+1, column g   b2,b3: rows 2t+8,2t+9
//   C  c0,c1: row g, columns 2t,2t+1   c2,c3: row g + 8
#include "elements.cuh"
#include "spans.cuh"

constexpr int WARPS = 4;
constexpr int WARP_ROWS = 16;
constexpr int KEYS = 32;

template <class T> struct Mma;
template <> struct Mma<__half> {
    static __device__ __forceinline__ void multiply(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
    }
};
template <> struct Mma<__nv_bfloat16> {
    static __device__ __forceinline__ void multiply(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
    }
};

__device__ __forceinline__ unsigned sharedAddress(const void* pointer) {
    return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

// Four 8 x 8 matrices; lane i gives the address of row i % 8 of matrix i / 8.
__device__ __forceinline__ void loadMatrices(unsigned (&to)[4], unsigned address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(address)
                 : "memory");
}
__device__ __forceinline__ void loadTransposed(unsigned (&to)[4], unsigned address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(address)
                 : "memory");
}

// 16 bytes from global to shared memory, zeros if `bytes` is 0.
__device__ __forceinline__ void copyAsync(unsigned to, const void* from, int bytes) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}
__device__ __forceinline__ void commitCopies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
__device__ __forceinline__ void awaitAllButOne() { asm volatile("cp.async.wait_group 1;" ::: "memory"); }

template <class T> __device__ __forceinline__ unsigned pack(float low, float high) {
    union {
        T element[2];
        unsigned word;
    } pair;
    pair.element[0] = fromFloat<T>(low);
    pair.element[1] = fromFloat<T>(high);
    return pair.word;
}

template <class T, int D>
__device__ __forceinline__ void prefill(
        const Tile* tiles, const int* tables, const char* pool, long long slotBytes, const T* query, T* output,
        float* logsumexp, float* partial, float* partialLogsumexp, int group, int headDim, int segmentShift, float scale) {
    constexpr int PITCH = D + 8;
    __shared__ __align__(16) T keys[2][KEYS][PITCH];
    __shared__ __align__(16) T values[2][KEYS][PITCH];

    const Tile tile = tiles[blockIdx.x];
    const int kvHead = blockIdx.y;
    const int kvHeads = gridDim.y;
    const int heads = kvHeads * group;
    const int warp = threadIdx.x >> 5;
    const int lane = threadIdx.x & 31;
    const int g = lane >> 2;
    const int t2 = (lane & 3) * 2;
    const int segmentTokens = 1 << segmentShift;

    // This lane's two rows: g and g + 8 of the warp's.
    int row[2], position[2];
    const T* from[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
        const int r = warp * WARP_ROWS + g + i * 8;
        row[i] = r < tile.rows ? tile.rowFrom + r : -1;
        position[i] = row[i] < 0 ? -1 : tile.firstPosition + row[i] / group;
        const long long at = static_cast<long long>(tile.firstQuery + row[i] / group) * heads + kvHead * group + row[i] % group;
        from[i] = query + at * headDim;
    }
    unsigned q[D / 16][4];
#pragma unroll
    for (int k = 0; k < D / 16; k++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int column = k * 16 + t2 + (i >> 1) * 8;
            q[k][i] = row[i & 1] >= 0 && column < headDim ? *reinterpret_cast<const unsigned*>(from[i & 1] + column) : 0u;
        }
    }

    const auto bring = [&](int n) {
        for (int c = threadIdx.x; c < KEYS * (D / 8); c += WARPS * 32) {
            const int j = c / (D / 8);
            const int column = c % (D / 8) * 8;
            const int key = tile.keyFrom + n * KEYS + j;
            const bool is = key < tile.keyTo && column < headDim;
            const T* k = reinterpret_cast<const T*>(pool);
            const T* v = k;
            if (is) {
                const int slot = tables[tile.table + (key >> segmentShift)];
                k = reinterpret_cast<const T*>(pool + slot * slotBytes)
                        + (static_cast<long long>(kvHead) * segmentTokens + (key & (segmentTokens - 1))) * headDim + column;
                v = k + static_cast<long long>(kvHeads) * segmentTokens * headDim;
            }
            copyAsync(sharedAddress(&keys[n & 1][j][column]), k, is ? 16 : 0);
            copyAsync(sharedAddress(&values[n & 1][j][column]), v, is ? 16 : 0);
        }
    };

    float o[D / 8][4];
#pragma unroll
    for (int d = 0; d < D / 8; d++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            o[d][i] = 0.f;
        }
    }
    float m[2] = {-INFINITY, -INFINITY};
    float l[2] = {0.f, 0.f};
    const int steps = (tile.keyTo - tile.keyFrom + KEYS - 1) / KEYS;
    bring(0);
    commitCopies();
    for (int n = 0; n < steps; n++) {
        if (n + 1 < steps) {
            bring(n + 1);
        }
        commitCopies();
        awaitAllButOne();
        __syncthreads();

        float s[KEYS / 8][4];
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                s[j][i] = 0.f;
            }
        }
#pragma unroll
        for (int k = 0; k < D / 16; k++) {
#pragma unroll
            for (int j = 0; j < KEYS / 16; j++) {
                unsigned b[4];
                const int matrix = lane >> 3;
                loadMatrices(b, sharedAddress(&keys[n & 1][j * 16 + (matrix >> 1) * 8 + (lane & 7)][k * 16 + (matrix & 1) * 8]));
                Mma<T>::multiply(s[2 * j], q[k], b[0], b[1]);
                Mma<T>::multiply(s[2 * j + 1], q[k], b[2], b[3]);
            }
        }

        // Online softmax; i & 2 says which of the two rows.
        float most[2] = {m[0], m[1]};
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const int key = tile.keyFrom + n * KEYS + j * 8 + t2 + (i & 1);
                const bool seen = key < tile.keyTo && key <= position[i >> 1];
                s[j][i] = seen ? s[j][i] * scale : -INFINITY;
                most[i >> 1] = fmaxf(most[i >> 1], s[j][i]);
            }
        }
        float kept[2];
#pragma unroll
        for (int i = 0; i < 2; i++) {
            most[i] = fmaxf(most[i], __shfl_xor_sync(WARP, most[i], 1));
            most[i] = fmaxf(most[i], __shfl_xor_sync(WARP, most[i], 2));
            kept[i] = weightOf(m[i], most[i]);
            m[i] = most[i];
            l[i] *= kept[i];
        }
#pragma unroll
        for (int j = 0; j < KEYS / 8; j++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                s[j][i] = weightOf(s[j][i], m[i >> 1]);
                l[i >> 1] += s[j][i];
            }
        }
#pragma unroll
        for (int d = 0; d < D / 8; d++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                o[d][i] *= kept[i >> 1];
            }
        }

        // The scores' C fragments are the weights' A fragments.
#pragma unroll
        for (int j = 0; j < KEYS / 16; j++) {
            const unsigned weights[4] = {
                    pack<T>(s[2 * j][0], s[2 * j][1]), pack<T>(s[2 * j][2], s[2 * j][3]),
                    pack<T>(s[2 * j + 1][0], s[2 * j + 1][1]), pack<T>(s[2 * j + 1][2], s[2 * j + 1][3])};
#pragma unroll
            for (int d = 0; d < D / 16; d++) {
                unsigned b[4];
                const int matrix = lane >> 3;
                loadTransposed(b, sharedAddress(&values[n & 1][j * 16 + (matrix & 1) * 8 + (lane & 7)][d * 16 + (matrix >> 1) * 8]));
                Mma<T>::multiply(o[2 * d], weights, b[0], b[1]);
                Mma<T>::multiply(o[2 * d + 1], weights, b[2], b[3]);
            }
        }
        __syncthreads(); // before the next tile but one overwrites this half
    }

#pragma unroll
    for (int i = 0; i < 2; i++) {
        l[i] += __shfl_xor_sync(WARP, l[i], 1);
        l[i] += __shfl_xor_sync(WARP, l[i], 2);
        if (row[i] < 0) {
            continue;
        }
        const float inverse = l[i] > 0.f ? 1.f / l[i] : 0.f;
        const float log = l[i] > 0.f ? (m[i] + log2of(l[i])) * LN2 : -INFINITY;
        const long long to = tile.partial < 0
                ? static_cast<long long>(tile.firstQuery + row[i] / group) * heads + kvHead * group + row[i] % group
                : static_cast<long long>(tile.partial + row[i] - tile.rowFrom) * kvHeads + kvHead;
#pragma unroll
        for (int d = 0; d < D / 8; d++) {
            const int column = d * 8 + t2;
            if (column < headDim) {
                const float low = o[d][2 * i] * inverse;
                const float high = o[d][2 * i + 1] * inverse;
                if (tile.partial < 0) {
                    *reinterpret_cast<unsigned*>(output + to * headDim + column) = pack<T>(low, high);
                } else {
                    *reinterpret_cast<float2*>(partial + to * headDim + column) = make_float2(low, high);
                }
            }
        }
        if (t2 == 0) {
            (tile.partial < 0 ? logsumexp : partialLogsumexp)[to] = log;
        }
    }
}

#define KERNEL(NAME, T, D) \
    extern "C" __global__ void __launch_bounds__(WARPS * 32) NAME( \
            const Tile* tiles, const int* tables, const char* pool, long long slotBytes, const T* query, T* output, \
            float* logsumexp, float* partial, float* partialLogsumexp, const float* cosines, const float* sines, \
            int group, int headDim, int segmentShift, float scale) { \
        prefill<T, D>(tiles, tables, pool, slotBytes, query, output, logsumexp, partial, partialLogsumexp, group, headDim, \
                segmentShift, scale); \
    }
#define KERNELS(D) \
    KERNEL(prefill_attention_f16_##D, __half, D) \
    KERNEL(prefill_attention_bf16_##D, __nv_bfloat16, D)
KERNELS(32)
KERNELS(64)
KERNELS(128)

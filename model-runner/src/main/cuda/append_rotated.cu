// Appends the keys and values of a step's tokens to their slots, and rotates keys and queries (rotary embedding, arXiv 2104.09864).
//
//   qk      (tokens, heads + kvHeads, headDim), not rotated    v (tokens, kvHeads, headDim)
//   query   (tokens, heads, headDim), written: the rotated queries
//   pool    [slot][layer][K|V][kvHead][token][headDim], from the layer's own offset on; written
//   places  (tokens): position in the sequence, slot, token within the slot. A slot with POSITION_FREE takes keys as they are
//   cosines, sines  (positions, headDim / 2) float32
//
// Grid (tokens), block 128. The product is float32 and only the result is rounded, as on the CPU.
#include "elements.cuh"
#include "spans.cuh"

struct Place {
    int position;
    int slot;
    int token;
};

template <class T>
__device__ __forceinline__ void append(
        const T* qk, const T* v, T* query, T* pool, long long slotElements, const Place* places, const float* cosines,
        const float* sines, int heads, int kvHeads, int headDim, int segmentTokens) {
    const Place place = places[blockIdx.x];
    const bool isFree = place.slot & POSITION_FREE;
    T* slot = pool + (place.slot & ~POSITION_FREE) * slotElements;
    const int half = headDim / 2;
    const long long first = static_cast<long long>(blockIdx.x);
    for (int i = threadIdx.x; i < (heads + kvHeads) * half; i += blockDim.x) {
        const int head = i / half;
        const int d = i % half;
        const T* from = qk + (first * (heads + kvHeads) + head) * headDim;
        const float x = toFloat(from[d]);
        const float y = toFloat(from[d + half]);
        const float c = cosines[place.position * half + d];
        const float s = sines[place.position * half + d];
        T lower = fromFloat<T>(x * c - y * s);
        T upper = fromFloat<T>(y * c + x * s);
        T* to = query + (first * heads + head) * headDim;
        if (head >= heads) {
            to = slot + (static_cast<long long>(head - heads) * segmentTokens + place.token) * headDim;
            if (isFree) {
                lower = from[d];
                upper = from[d + half];
            }
        }
        to[d] = lower;
        to[d + half] = upper;
    }
    for (int i = threadIdx.x; i < kvHeads * headDim; i += blockDim.x) {
        const int head = i / headDim;
        const int d = i % headDim;
        slot[(static_cast<long long>(kvHeads + head) * segmentTokens + place.token) * headDim + d] =
                v[(first * kvHeads + head) * headDim + d];
    }
}

#define KERNEL(NAME, T) \
    extern "C" __global__ void __launch_bounds__(128) append_rotated_##NAME( \
            const T* qk, const T* v, T* query, T* pool, long long slotElements, const Place* places, \
            const float* cosines, const float* sines, int heads, int kvHeads, int headDim, int segmentTokens) { \
        append<T>(qk, v, query, pool, slotElements, places, cosines, sines, heads, kvHeads, headDim, segmentTokens); \
    }
KERNEL(f32, float)
KERNEL(f16, __half)
KERNEL(bf16, __nv_bfloat16)

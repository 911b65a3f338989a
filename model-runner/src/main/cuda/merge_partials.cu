// Merges the parts of rows whose keys were split:
//   m = max_i logsumexp_i   w_i = exp(logsumexp_i - m)   O = sum_i w_i O_i / sum_i w_i   logsumexp = m + log sum_i w_i
//
//   partial (rows, kvHeads, headDim) float32   partialLogsumexp (rows, kvHeads) float32
//   output  (tokens, heads, headDim)           logsumexp (tokens, heads) float32
//
// Grid (merges, kvHeads), block 128: a thread has one element of one row at a time.
#include "elements.cuh"
#include "spans.cuh"

template <class Q>
__device__ __forceinline__ void merge(
        const Merge* merges, const float* partial, const float* partialLogsumexp, Q* output, float* logsumexp, int group,
        int headDim) {
    const Merge merge = merges[blockIdx.x];
    const int kvHead = blockIdx.y;
    const int kvHeads = gridDim.y;
    for (int i = threadIdx.x; i < merge.rows * headDim; i += blockDim.x) {
        const int r = i / headDim;
        const int d = i % headDim;
        float most = -INFINITY;
        for (int p = 0; p < merge.parts; p++) {
            most = fmaxf(most, partialLogsumexp[(merge.partial + p * merge.rows + r) * kvHeads + kvHead]);
        }
        float sum = 0.f;
        float value = 0.f;
        for (int p = 0; p < merge.parts; p++) {
            const long long from = static_cast<long long>(merge.partial + p * merge.rows + r) * kvHeads + kvHead;
            const float log = partialLogsumexp[from];
            const float weight = log == -INFINITY ? 0.f : power2((log - most) / LN2);
            sum += weight;
            value += weight * partial[from * headDim + d];
        }
        const int row = merge.rowFrom + r;
        const long long to =
                static_cast<long long>(merge.firstQuery + row / group) * kvHeads * group + kvHead * group + row % group;
        output[to * headDim + d] = fromFloat<Q>(sum > 0.f ? value / sum : 0.f);
        if (d == 0) {
            logsumexp[to] = sum > 0.f ? most + log2of(sum) * LN2 : -INFINITY;
        }
    }
}

#define KERNEL(NAME, Q) \
    extern "C" __global__ void __launch_bounds__(128) merge_partials_##NAME( \
            const Merge* merges, const float* partial, const float* partialLogsumexp, Q* output, float* logsumexp, \
            int group, int headDim) { \
        merge<Q>(merges, partial, partialLogsumexp, output, logsumexp, group, headDim); \
    }
KERNEL(f32, float)
KERNEL(f16, __half)
KERNEL(bf16, __nv_bfloat16)

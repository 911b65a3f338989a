// Elements of the three dtypes, and of int8 K/V: how several of them are loaded as floats and stored from floats.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

__device__ __forceinline__ float toFloat(float value) { return value; }
__device__ __forceinline__ float toFloat(__half value) { return __half2float(value); }
__device__ __forceinline__ float toFloat(__nv_bfloat16 value) { return __bfloat162float(value); }
__device__ __forceinline__ float toFloat(signed char value) { return static_cast<float>(value); }

template <class T> __device__ __forceinline__ T fromFloat(float value);
template <> __device__ __forceinline__ float fromFloat<float>(float value) { return value; }
template <> __device__ __forceinline__ __half fromFloat<__half>(float value) { return __float2half_rn(value); }
template <> __device__ __forceinline__ __nv_bfloat16 fromFloat<__nv_bfloat16>(float value) {
    return __float2bfloat16_rn(value);
}

// The integer that is as wide as a vector, so that a vector is one load or store.
template <int BYTES> struct Word;
template <> struct Word<4> { using type = unsigned; };
template <> struct Word<8> { using type = uint2; };
template <> struct Word<16> { using type = uint4; };

// N neighbouring elements, aligned to their size or to 16 bytes.
template <class T, int N> __device__ __forceinline__ void loadVector(const T* from, float (&to)[N]) {
    constexpr int bytes = N * sizeof(T) < 16 ? N * sizeof(T) : 16;
    constexpr int each = bytes / sizeof(T);
#pragma unroll
    for (int v = 0; v < N / each; v++) {
        union {
            typename Word<bytes>::type word;
            T element[each];
        } vector;
        vector.word = reinterpret_cast<const typename Word<bytes>::type*>(from)[v];
#pragma unroll
        for (int i = 0; i < each; i++) {
            to[v * each + i] = toFloat(vector.element[i]);
        }
    }
}

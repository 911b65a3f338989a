// What a block works on, and where the keys and values of a segment lie.
#pragma once

// A tile: some rows of a span against some of its keys. A span's rows are its queries times the query heads of one KV head:
// row r is query r / group of the span and head kvHead * group + r % group.
struct Tile {
    int firstQuery;    // of the span, in the query tensor
    int firstPosition; // of that query in its sequence
    int rowFrom;       // the tile's rows are [rowFrom, rowFrom + rows)
    int rows;
    int table;   // the segment of position p is entry table + p / segmentTokens; may be negative, the entry isn't
    int keyFrom; // the tile's keys are at positions [keyFrom, keyTo), each row of them those up to its own position
    int keyTo;
    int partial; // row r goes to row partial + r - rowFrom of the partials; negative: it is the output
};

// Rows of a span whose keys were split: part s of row r is row partial + s * rows + r - rowFrom of the partials.
struct Merge {
    int firstQuery;
    int rowFrom;
    int rows;
    int partial;
    int parts;
};

// Set in a segment table's entry for keys that were stored before rotation.
constexpr int POSITION_FREE = 1 << 30;

constexpr float LN2 = 0.6931471805599453f;
constexpr unsigned WARP = 0xffffffffu;

// 2^x; 0 for -infinity.
__device__ __forceinline__ float power2(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float log2of(float x) {
    float y;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// How much a part with maximum `part` counts beside the common maximum; a part that saw nothing counts nothing.
__device__ __forceinline__ float weightOf(float part, float common) {
    return part == -INFINITY ? 0.f : power2(part - common);
}

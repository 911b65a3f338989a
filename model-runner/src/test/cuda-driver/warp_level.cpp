// Instructions that lanes of a warp carry out together: shuffles, votes, ldmatrix, mma.
#include <cmath>
#include <map>

#include "block.h"
#include "numbers.h"
#include "opcodes.h"

namespace emulator {

namespace {

enum class Shuffle { BUTTERFLY, UP, DOWN, INDEX };

// operands: d, [p,] a, b, c, members
template <Shuffle MODE> void shuffle(Warp& w, const Instruction& i, uint32_t mask) {
    const bool hasPredicate = i.operands.size() == 6;
    const size_t first = hasPredicate ? 2 : 1;
    uint32_t* d = w.lanes<uint32_t>(i.operands[0].at);
    const uint32_t* a = w.lanes<uint32_t>(i.operands[first].at);
    uint32_t before[LANES];
    std::copy(a, a + LANES, before);
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        const int b = w.lanes<uint32_t>(i.operands[first + 1].at)[lane] & 31;
        const uint32_t c = w.lanes<uint32_t>(i.operands[first + 2].at)[lane];
        const int segment = c >> 8 & 31;
        const int least = lane & segment;
        const int most = least | (static_cast<int>(c & 31) & ~segment);
        int from = lane;
        bool isInside = false;
        switch (MODE) {
        case Shuffle::BUTTERFLY: from = lane ^ b; isInside = from <= most; break;
        case Shuffle::UP: from = lane - b; isInside = from >= most; break;
        case Shuffle::DOWN: from = lane + b; isInside = from <= most; break;
        case Shuffle::INDEX: from = least | (b & ~segment); isInside = from <= most; break;
        }
        if (!isInside) {
            from = lane;
        }
        if (!(mask >> from & 1)) {
            throw Fault{LAUNCH_FAILED, "lane " + std::to_string(lane) + " reads lane " + std::to_string(from) + ", which takes no part"};
        }
        d[lane] = before[from];
        if (hasPredicate) {
            w.lanes<uint8_t>(i.operands[1].at)[lane] = isInside;
        }
    }
}

// operands: d, p, members
template <int MODE> void vote(Warp& w, const Instruction& i, uint32_t mask) {
    const uint8_t* p = w.lanes<uint8_t>(i.operands[1].at);
    uint32_t ballot = 0;
    each(mask, [&](int lane) { ballot |= static_cast<uint32_t>(p[lane] & 1) << lane; });
    each(mask, [&](int lane) {
        if (MODE == 0) {
            w.lanes<uint32_t>(i.operands[0].at)[lane] = ballot;
        } else {
            w.lanes<uint8_t>(i.operands[0].at)[lane] = MODE == 1 ? ballot != 0 : ballot == mask;
        }
    });
}

void nothing(Warp&, const Instruction&, uint32_t) {}

// operands: address, d0 .. d3. Lane 8 m + r gives the address of row r of matrix m; lane l gets of each matrix elements 2 (l % 4) and the next of
// row l / 4, or, transposed, of column l / 4.
template <bool TRANSPOSED> void loadMatrices(Warp& w, const Instruction& i, uint32_t) {
    constexpr int ROWS = 8;
    uint16_t element[4][ROWS][ROWS];
    for (int lane = 0; lane < LANES; lane++) {
        const Operand& base = i.operands[0];
        const unsigned char* at = w.registers + base.at + lane * base.width;
        const uint64_t address = (base.width == 8 ? *reinterpret_cast<const uint64_t*>(at) : *reinterpret_cast<const uint32_t*>(at)) + i.displacement;
        memcpy(element[lane / ROWS][lane % ROWS], w.block->shared.read(address, 16, w.number), 16);
    }
    for (int m = 0; m < 4; m++) {
        uint32_t* d = w.lanes<uint32_t>(i.operands[m + 1].at);
        for (int lane = 0; lane < LANES; lane++) {
            const int g = lane / 4;
            const int t = lane % 4 * 2;
            const uint16_t low = TRANSPOSED ? element[m][t][g] : element[m][g][t];
            const uint16_t high = TRANSPOSED ? element[m][t + 1][g] : element[m][g][t + 1];
            d[lane] = low | static_cast<uint32_t>(high) << 16;
        }
    }
}

// operands: d0-3, a0-3, b0-1, c0-3; fragments as in the PTX ISA, "Matrix Fragments for mma.m16n8k16". Products are exact in float32, sums are taken in double and rounded
// once: a card sums in an order of its own, and no order is promised.
template <class T> void multiplyMatrices(Warp& w, const Instruction& i, uint32_t) {
    constexpr int M = 16, N = 8, K = 16;
    static thread_local float a[M][K], b[K][N], c[M][N];
    const auto half = [&](int operand, int lane, int part) {
        return toFloat(T{static_cast<uint16_t>(w.lanes<uint32_t>(i.operands[operand].at)[lane] >> 16 * part)});
    };
    for (int lane = 0; lane < LANES; lane++) {
        const int g = lane / 4;
        const int t = lane % 4 * 2;
        for (int part = 0; part < 2; part++) {
            for (int n = 0; n < 4; n++) {
                a[g + n % 2 * 8][t + part + n / 2 * 8] = half(4 + n, lane, part);
            }
            b[t + part][g] = half(8, lane, part);
            b[t + part + 8][g] = half(9, lane, part);
            c[g][t + part] = w.lanes<float>(i.operands[10 + part].at)[lane];
            c[g + 8][t + part] = w.lanes<float>(i.operands[12 + part].at)[lane];
        }
    }
    static thread_local float d[M][N];
    for (int m = 0; m < M; m++) {
        double sum[N];
        for (int n = 0; n < N; n++) {
            sum[n] = c[m][n];
        }
        for (int k = 0; k < K; k++) {
            for (int n = 0; n < N; n++) {
                sum[n] += static_cast<double>(a[m][k]) * b[k][n];
            }
        }
        for (int n = 0; n < N; n++) {
            d[m][n] = static_cast<float>(sum[n]);
        }
    }
    for (int lane = 0; lane < LANES; lane++) {
        const int g = lane / 4;
        const int t = lane % 4 * 2;
        for (int part = 0; part < 2; part++) {
            w.lanes<float>(i.operands[part].at)[lane] = d[g][t + part];
            w.lanes<float>(i.operands[2 + part].at)[lane] = d[g + 8][t + part];
        }
    }
}

using Table = std::map<std::string, Opcode>;

Opcode together(Handler run, bool membersGiven) {
    Opcode opcode;
    opcode.run = run;
    opcode.kind = Kind::CONVERGENT;
    opcode.membersGiven = membersGiven;
    return opcode;
}

Table warpLevel() {
    Table table;
    table["shfl.sync.bfly.b32"] = together(shuffle<Shuffle::BUTTERFLY>, true);
    table["shfl.sync.up.b32"] = together(shuffle<Shuffle::UP>, true);
    table["shfl.sync.down.b32"] = together(shuffle<Shuffle::DOWN>, true);
    table["shfl.sync.idx.b32"] = together(shuffle<Shuffle::INDEX>, true);
    table["vote.sync.ballot.b32"] = together(vote<0>, true);
    table["vote.sync.any.pred"] = together(vote<1>, true);
    table["vote.sync.all.pred"] = together(vote<2>, true);
    table["bar.warp.sync"] = together(nothing, true);
    Opcode matrices = together(loadMatrices<false>, false);
    matrices.isMemory = true;
    table["ldmatrix.sync.aligned.m8n8.x4.shared.b16"] = matrices;
    matrices.run = loadMatrices<true>;
    table["ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16"] = matrices;
    table["mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32"] = together(multiplyMatrices<Half>, false);
    table["mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"] = together(multiplyMatrices<Bfloat>, false);
    return table;
}

} // namespace

bool findWarpLevel(const std::string& name, Opcode& to) {
    static const Table TABLE = warpLevel();
    const auto found = TABLE.find(name);
    if (found == TABLE.end()) {
        return false;
    }
    to = found->second;
    return true;
}

} // namespace emulator

// State of 32 lanes, and what an instruction does to some of them.
//
// A register is 32 lanes side by side, each as wide as the register; constants and special registers are registers that nobody writes. So an instruction is
// one loop over lanes, whatever its operands are.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "device_memory.h"

namespace emulator {

constexpr int LANES = 32;
constexpr uint32_t ALL = 0xffffffffu;

enum class LaneState : uint8_t { READY, AT_WARP, AT_BARRIER, EXITED };

// A copy that cp.async has begun; it lands when its lane waits for it, or earlier.
struct AsyncCopy {
    uint32_t to;
    uint64_t from;
    uint32_t bytes;
    uint32_t zeros; // written behind the bytes
};

struct Block;

struct Warp {
    Block* block;
    int number;
    unsigned char* registers;
    uint32_t pc[LANES];
    LaneState state[LANES];
    std::vector<AsyncCopy> uncommitted[LANES];
    std::vector<std::vector<AsyncCopy>> groups[LANES];
    DeviceMemory::Range recent; // where the last access to global memory went

    template <class T> T* lanes(uint32_t at) { return reinterpret_cast<T*>(registers + at); }
};

struct Instruction;
using Handler = void (*)(Warp&, const Instruction&, uint32_t mask);

enum class Kind : uint8_t { PLAIN, BRANCH, EXIT, BARRIER, CONVERGENT };

struct Operand {
    uint32_t at = 0;   // of lane 0 in the registers
    uint8_t width = 0; // bytes of a lane
};

struct Instruction {
    Handler run = nullptr;
    Kind kind = Kind::PLAIN;
    bool isGuarded = false;
    bool isGuardNegated = false;
    bool membersGiven = false; // a convergent one: the last operand says which lanes take part; else all
    uint32_t guard = 0;
    uint32_t target = 0; // of a branch
    // Memory: operands[0] is the base address, the rest are data.
    int64_t displacement = 0;
    uint8_t elementBytes = 0;
    bool isSigned = false;
    uint8_t compare = 0;
    std::vector<Operand> operands;
    int line = 0;
    std::string text;
};

// Calls f(lane) for the lanes of a mask. A whole warp is a loop that the compiler can vectorise.
template <class F> inline void each(uint32_t mask, F f) {
    if (mask == ALL) {
#pragma GCC ivdep
        for (int lane = 0; lane < LANES; lane++) {
            f(lane);
        }
    } else {
        for (; mask != 0; mask &= mask - 1) {
            f(__builtin_ctz(mask));
        }
    }
}

} // namespace emulator

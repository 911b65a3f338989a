// A thread block: warps that take turns in an order drawn from a seed.
#pragma once

#include <cstdint>
#include <memory>
#include <random>

#include "program.h"
#include "shared_memory.h"

namespace emulator {

using Random = std::minstd_rand;

struct Dim {
    uint32_t x, y, z;
};

struct Block {
    const Program& program;
    DeviceMemory& memory;
    const unsigned char* parameters;
    SharedMemory shared;
    Random& random;
    uint64_t instructions = 0;

    // Runs all threads of one block to their end; throws a Fault that names kernel, block and instruction.
    static uint64_t run(
            const Program& program, DeviceMemory& memory, const unsigned char* parameters, unsigned dynamicShared, Dim grid, Dim block,
            Dim index, Random& random);
};

// Lets copies land that lanes of a mask have begun: all but the newest `pending` groups.
void landCopies(Warp& warp, uint32_t mask, size_t pending);

} // namespace emulator

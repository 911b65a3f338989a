// Which handler an opcode has.
#pragma once

#include <string>

#include "warp.h"

namespace emulator {

struct Opcode {
    Handler run = nullptr;
    Kind kind = Kind::PLAIN;
    bool isMemory = false;     // one operand is an address
    bool membersGiven = false; // see Instruction
    uint8_t elementBytes = 0;
    bool isSigned = false;
    // Bytes of the registers that stand for immediate operands, alone and within braces.
    uint8_t immediateBytes = 4;
    uint8_t vectorBytes = 4;
    bool hasCount = false; // the third operand is a count of bits, 4 bytes whatever the others are
};

// Each returns whether it knows the opcode, written without what changes nothing here (".uni", ".nc", ".ftz" ..).
bool findArithmetic(const std::string& name, Opcode& to);
bool findMemory(const std::string& name, Opcode& to);
bool findWarpLevel(const std::string& name, Opcode& to);

} // namespace emulator

// A function whose statements have been understood: each has its handler and knows where its operands lie.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "ptx_text.h"
#include "warp.h"

namespace emulator {

// A register whose lanes have a value of their own before the first instruction.
enum class Special { TID_X, TID_Y, TID_Z, NTID_X, NTID_Y, NTID_Z, CTAID_X, CTAID_Y, CTAID_Z, NCTAID_X, NCTAID_Y, NCTAID_Z, LANE };

struct Program {
    std::string name;
    std::vector<Parameter> parameters;
    unsigned parameterBytes = 0;
    unsigned sharedBytes = 0;
    unsigned maxThreads = 0;
    std::vector<Instruction> code;
    uint32_t registerBytes = 0;
    struct Constant {
        uint32_t at;
        uint8_t width;
        uint64_t value;
    };
    std::vector<Constant> constants;
    std::map<uint32_t, Special> specials; // offset -> which; 4 bytes wide
};

// Throws INVALID_PTX naming the line and the opcode that isn't known.
std::shared_ptr<const Program> compile(const Function& function);

} // namespace emulator

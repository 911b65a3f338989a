// PTX as text: statements of each entry function, not yet understood. See "PTX ISA", chapters 4 and 5.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fault.h"

namespace emulator {

struct Parameter {
    std::string name;
    unsigned bytes;
    unsigned offset;
};

struct Statement {
    std::string guard; // register, empty if there is none
    bool isGuardNegated = false;
    std::string opcode;                // "ld.global.v4.u32"
    std::vector<std::string> operands; // "%r1", "[%rd1+8]", "{%f1,%f2}", "0f3F800000"
    int line = 0;
};

struct SharedVariable {
    unsigned offset;
    unsigned bytes;
};

struct Function {
    std::string name;
    std::vector<Parameter> parameters;
    unsigned parameterBytes = 0;
    std::map<std::string, unsigned> registers; // name without its number -> bytes of one lane; "%rd" -> 8
    std::map<std::string, SharedVariable> shared;
    unsigned sharedBytes = 0;
    std::map<std::string, size_t> labels; // -> index of the statement behind it
    std::vector<Statement> statements;
    unsigned maxThreads = 1024;
};

// Returns the entry functions; throws INVALID_PTX with the line.
std::map<std::string, Function> parsePtx(const std::string& text);

} // namespace emulator

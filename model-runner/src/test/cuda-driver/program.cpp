#include "program.h"

#include <cstring>

#include "opcodes.h"

namespace emulator {

namespace {

constexpr uint32_t LINE = 64; // registers begin at a cache line

// Parts of an opcode that say how well something is rounded, cached or ordered: the emulator rounds to nearest, has no cache and is in order.
const char* const IGNORED[] = {".uni", ".nc", ".ftz", ".full", ".approx", ".volatile", ".relaxed", ".gpu", ".L1::no_allocate"};

std::string withoutIgnored(std::string opcode) {
    for (const std::string part : IGNORED) {
        for (size_t at; (at = opcode.find(part)) != std::string::npos
             && (at + part.size() == opcode.size() || opcode[at + part.size()] == '.');) {
            opcode.erase(at, part.size());
        }
    }
    return opcode;
}

class Compiler {
  public:
    explicit Compiler(const Function& function) : function_(function), program_(std::make_shared<Program>()) {
        program_->name = function.name;
        program_->parameters = function.parameters;
        program_->parameterBytes = function.parameterBytes;
        program_->sharedBytes = function.sharedBytes;
        program_->maxThreads = function.maxThreads;
    }

    std::shared_ptr<const Program> compile() {
        for (const Statement& statement : function_.statements) {
            line_ = statement.line;
            program_->code.push_back(instruction(statement));
        }
        // Falls off the end: a return.
        Instruction end;
        end.kind = Kind::EXIT;
        end.text = "end of function";
        program_->code.push_back(end);
        return program_;
    }

  private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw Fault{INVALID_PTX, function_.name + ", PTX line " + std::to_string(line_) + ": " + what};
    }

    Instruction instruction(const Statement& statement) {
        Instruction made;
        made.line = statement.line;
        made.text = statement.opcode;
        for (const std::string& operand : statement.operands) {
            made.text += ' ' + operand;
        }
        if (!statement.guard.empty()) {
            made.isGuarded = true;
            made.isGuardNegated = statement.isGuardNegated;
            made.guard = reg(statement.guard).at;
        }
        const std::string opcode = withoutIgnored(statement.opcode);
        if (opcode == "bra") {
            const auto label = function_.labels.find(statement.operands.at(0));
            if (label == function_.labels.end()) {
                refuse("no label " + statement.operands[0]);
            }
            made.kind = Kind::BRANCH;
            made.target = label->second;
            return made;
        }
        if (opcode == "ret" || opcode == "exit") {
            made.kind = Kind::EXIT;
            return made;
        }
        if (opcode == "bar.sync") {
            made.kind = Kind::BARRIER;
            return made;
        }
        Opcode known;
        if (!findArithmetic(opcode, known) && !findMemory(opcode, known) && !findWarpLevel(opcode, known)) {
            refuse("opcode " + statement.opcode);
        }
        made.run = known.run;
        made.kind = known.kind;
        made.membersGiven = known.membersGiven;
        made.elementBytes = known.elementBytes;
        made.isSigned = known.isSigned;
        if (known.isMemory) {
            made.operands.emplace_back(); // the base address comes first
        }
        for (const std::string& operand : statement.operands) {
            add(operand, known, made);
        }
        return made;
    }

    void add(const std::string& text, const Opcode& opcode, Instruction& to) {
        if (text[0] == '{') {
            size_t from = 1;
            while (from < text.size()) {
                const size_t end = text.find_first_of(",}", from);
                to.operands.push_back(value(text.substr(from, end - from), opcode.vectorBytes));
                from = end + 1;
            }
        } else if (text[0] == '[') {
            address(text.substr(1, text.size() - 2), to);
        } else if (const size_t bar = text.find('|'); bar != std::string::npos) {
            to.operands.push_back(reg(text.substr(0, bar)));
            to.operands.push_back(reg(text.substr(bar + 1)));
        } else {
            const bool isCount = opcode.hasCount && to.operands.size() == 2;
            to.operands.push_back(value(text, isCount ? 4 : opcode.immediateBytes));
        }
    }

    // Of "[first]", "[first+8]" or "[first+-8]"; several addresses in one instruction are several operands.
    void address(const std::string& text, Instruction& to) {
        const size_t plus = text.find('+');
        const std::string first = text.substr(0, plus);
        const int64_t displacement = plus == std::string::npos ? 0 : std::stoll(text.substr(plus + 1), nullptr, 0);
        Operand base;
        if (first[0] == '%') {
            base = reg(first);
        } else if (const auto shared = function_.shared.find(first); shared != function_.shared.end()) {
            base = constant(shared->second.offset, 8);
        } else {
            bool isFound = false;
            for (const Parameter& parameter : function_.parameters) {
                if (parameter.name == first) {
                    base = constant(parameter.offset, 8);
                    isFound = true;
                }
            }
            if (!isFound) {
                refuse("no variable " + first);
            }
        }
        if (to.operands[0].width == 0) {
            to.operands[0] = base;
            to.displacement = displacement;
        } else if (displacement == 0) {
            to.operands.push_back(base);
        } else {
            refuse("a displacement of the second address");
        }
    }

    Operand value(const std::string& text, uint8_t bytes) {
        if (text[0] == '%') {
            return reg(text);
        }
        if (const auto shared = function_.shared.find(text); shared != function_.shared.end()) {
            return constant(shared->second.offset, bytes);
        }
        if (text.size() == 10 && text[0] == '0' && (text[1] == 'f' || text[1] == 'F')) {
            return constant(std::stoull(text.substr(2), nullptr, 16), bytes);
        }
        try {
            size_t end = 0;
            const uint64_t number = text[0] == '-' ? static_cast<uint64_t>(std::stoll(text, &end, 0)) : std::stoull(text, &end, 0);
            if (end == text.size()) {
                return constant(number, bytes);
            }
        } catch (const std::exception&) {
        }
        refuse("operand " + text);
    }

    Operand reg(const std::string& name) {
        const auto known = registers_.find(name);
        if (known != registers_.end()) {
            return known->second;
        }
        static const std::map<std::string, Special> SPECIALS = {
                {"%tid.x", Special::TID_X},       {"%tid.y", Special::TID_Y},       {"%tid.z", Special::TID_Z},
                {"%ntid.x", Special::NTID_X},     {"%ntid.y", Special::NTID_Y},     {"%ntid.z", Special::NTID_Z},
                {"%ctaid.x", Special::CTAID_X},   {"%ctaid.y", Special::CTAID_Y},   {"%ctaid.z", Special::CTAID_Z},
                {"%nctaid.x", Special::NCTAID_X}, {"%nctaid.y", Special::NCTAID_Y}, {"%nctaid.z", Special::NCTAID_Z},
                {"%laneid", Special::LANE}};
        if (const auto special = SPECIALS.find(name); special != SPECIALS.end()) {
            const Operand made = allocate(4);
            program_->specials[made.at] = special->second;
            return registers_[name] = made;
        }
        const auto declared = function_.registers.find(name.substr(0, name.find_last_not_of("0123456789") + 1));
        if (declared == function_.registers.end()) {
            refuse("register " + name + " isn't declared");
        }
        return registers_[name] = allocate(declared->second);
    }

    Operand constant(uint64_t value, uint8_t bytes) {
        const auto known = constants_.find({value, bytes});
        if (known != constants_.end()) {
            return known->second;
        }
        const Operand made = allocate(bytes);
        program_->constants.push_back({made.at, bytes, value});
        return constants_[{value, bytes}] = made;
    }

    Operand allocate(uint8_t width) {
        const Operand made{program_->registerBytes, width};
        program_->registerBytes += (width * LANES + LINE - 1) / LINE * LINE;
        return made;
    }

    const Function& function_;
    std::shared_ptr<Program> program_;
    std::map<std::string, Operand> registers_;
    std::map<std::pair<uint64_t, uint8_t>, Operand> constants_;
    int line_ = 0;
};

} // namespace

std::shared_ptr<const Program> compile(const Function& function) { return Compiler(function).compile(); }

} // namespace emulator

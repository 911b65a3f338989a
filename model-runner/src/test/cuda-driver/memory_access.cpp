// Loads, stores, atomics and cp.async.
#include <algorithm>
#include <cstring>
#include <map>

#include "block.h"
#include "numbers.h"
#include "opcodes.h"

namespace emulator {

namespace {

enum class Space { GLOBAL, SHARED, PARAM };

uint64_t address(Warp& w, const Operand& base, int lane) {
    const unsigned char* at = w.registers + base.at + lane * base.width;
    return base.width == 8 ? *reinterpret_cast<const uint64_t*>(at) : *reinterpret_cast<const uint32_t*>(at);
}

unsigned char* global(Warp& w, uint64_t at, unsigned bytes, const char* access) {
    if (at % bytes != 0) {
        throw Fault{MISALIGNED_ADDRESS, std::string(access) + " of " + std::to_string(bytes) + " bytes at " + std::to_string(at)};
    }
    if (at < w.recent.begin || at + bytes > w.recent.end) {
        w.recent = w.block->memory.find(at, bytes, access);
    }
    return reinterpret_cast<unsigned char*>(at);
}

template <Space S> unsigned char* locate(Warp& w, uint64_t at, unsigned bytes, bool isWrite) {
    if constexpr (S == Space::GLOBAL) {
        return global(w, at, bytes, isWrite ? "write" : "read");
    } else if constexpr (S == Space::SHARED) {
        return isWrite ? w.block->shared.write(at, bytes, w.number) : w.block->shared.read(at, bytes, w.number);
    } else {
        if (at + bytes > w.block->program.parameterBytes) {
            throw Fault{ILLEGAL_ADDRESS, "parameter at " + std::to_string(at)};
        }
        return const_cast<unsigned char*>(w.block->parameters) + at;
    }
}

// The register may be wider than the element: filled up with zeros or the sign.
void widen(unsigned char* to, unsigned width, const unsigned char* from, unsigned bytes, bool isSigned) {
    const bool isNegative = isSigned && (from[bytes - 1] & 0x80);
    memset(to, isNegative ? 0xff : 0, width);
    memcpy(to, from, bytes);
}

template <Space S> void load(Warp& w, const Instruction& i, uint32_t mask) {
    const size_t count = i.operands.size() - 1;
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        const unsigned char* from = locate<S>(w, address(w, i.operands[0], lane) + i.displacement, i.elementBytes * count, false);
        for (size_t n = 0; n < count; n++) {
            const Operand& to = i.operands[n + 1];
            widen(w.registers + to.at + lane * to.width, to.width, from + n * i.elementBytes, i.elementBytes, i.isSigned);
        }
    }
}

template <Space S> void store(Warp& w, const Instruction& i, uint32_t mask) {
    const size_t count = i.operands.size() - 1;
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        unsigned char* to = locate<S>(w, address(w, i.operands[0], lane) + i.displacement, i.elementBytes * count, true);
        for (size_t n = 0; n < count; n++) {
            const Operand& from = i.operands[n + 1];
            memcpy(to + n * i.elementBytes, w.registers + from.at + lane * from.width, i.elementBytes);
        }
    }
}

// Lanes one after the other, as atomics are. operands: address, [old value,] operand, [second operand of cas]
template <Space S, class T, class F, bool RETURNS> void atomic(Warp& w, const Instruction& i, uint32_t mask) {
    const int first = RETURNS ? 2 : 1;
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        T* at = reinterpret_cast<T*>(global(w, address(w, i.operands[0], lane) + i.displacement, sizeof(T), "atomic"));
        const T old = *at;
        const T b = w.lanes<T>(i.operands[first].at)[lane];
        const T c = i.operands.size() > static_cast<size_t>(first) + 1 ? w.lanes<T>(i.operands[first + 1].at)[lane] : T();
        *at = F::template of<T>(old, b, c);
        if (RETURNS) {
            w.lanes<T>(i.operands[1].at)[lane] = old;
        }
    }
}
struct AtomicAdd { template <class T> static T of(T a, T b, T) { return a + b; } };
struct AtomicMin { template <class T> static T of(T a, T b, T) { return std::min(a, b); } };
struct AtomicMax { template <class T> static T of(T a, T b, T) { return std::max(a, b); } };
struct AtomicExchange { template <class T> static T of(T, T b, T) { return b; } };
struct AtomicCompare { template <class T> static T of(T a, T b, T c) { return a == b ? c : a; } };

void copyAsync(Warp& w, const Instruction& i, uint32_t mask) {
    // operands: shared address, global address, size, [bytes that count]
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        const uint32_t size = static_cast<uint32_t>(address(w, i.operands[2], lane));
        const uint32_t counts = i.operands.size() > 3 ? std::min(size, static_cast<uint32_t>(address(w, i.operands[3], lane))) : size;
        AsyncCopy copy{static_cast<uint32_t>(address(w, i.operands[0], lane) + i.displacement), address(w, i.operands[1], lane), counts, size - counts};
        // From now on the bytes may land at any time: nobody else may be reading there.
        w.block->shared.write(copy.to, size, w.number);
        if (counts > 0) {
            if (copy.from % size != 0) {
                throw Fault{MISALIGNED_ADDRESS, "cp.async of " + std::to_string(size) + " bytes from " + std::to_string(copy.from)};
            }
            w.block->memory.find(copy.from, counts, "cp.async");
        }
        w.uncommitted[lane].push_back(copy);
    }
}

void commitCopies(Warp& w, const Instruction&, uint32_t mask) {
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        w.groups[lane].push_back(std::move(w.uncommitted[lane]));
        w.uncommitted[lane].clear();
    }
}

void waitForCopies(Warp& w, const Instruction& i, uint32_t mask) {
    landCopies(w, mask, i.operands.empty() ? 0 : address(w, i.operands[0], __builtin_ctz(mask)));
}

using Table = std::map<std::string, Opcode>;

Opcode memory(Handler run, uint8_t bytes, bool isSigned) {
    Opcode opcode;
    opcode.run = run;
    opcode.isMemory = true;
    opcode.elementBytes = bytes;
    opcode.isSigned = isSigned;
    opcode.immediateBytes = 8;
    opcode.vectorBytes = 8;
    return opcode;
}

template <class T, class F> void atomics(Table& table, const std::string& operation, const std::string& type) {
    Opcode opcode = memory(atomic<Space::GLOBAL, T, F, true>, sizeof(T), false);
    opcode.immediateBytes = sizeof(T);
    table["atom.global." + operation + "." + type] = opcode;
    opcode.run = atomic<Space::GLOBAL, T, F, false>;
    table["red.global." + operation + "." + type] = opcode;
}

Table memories() {
    Table table;
    for (const std::string vector : {"", "v2.", "v4."}) {
        for (const std::string type : {"b8", "u8", "s8", "b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"}) {
            const uint8_t bytes = std::stoi(type.substr(1)) / 8;
            const bool isSigned = type[0] == 's';
            table["ld.global." + vector + type] = memory(load<Space::GLOBAL>, bytes, isSigned);
            table["ld.shared." + vector + type] = memory(load<Space::SHARED>, bytes, isSigned);
            table["ld.param." + vector + type] = memory(load<Space::PARAM>, bytes, isSigned);
            table["st.global." + vector + type] = memory(store<Space::GLOBAL>, bytes, isSigned);
            table["st.shared." + vector + type] = memory(store<Space::SHARED>, bytes, isSigned);
        }
    }
    atomics<uint32_t, AtomicAdd>(table, "add", "u32");
    atomics<float, AtomicAdd>(table, "add", "f32");
    atomics<uint64_t, AtomicAdd>(table, "add", "u64");
    atomics<uint32_t, AtomicMax>(table, "max", "u32");
    atomics<int32_t, AtomicMax>(table, "max", "s32");
    atomics<uint32_t, AtomicMin>(table, "min", "u32");
    atomics<int32_t, AtomicMin>(table, "min", "s32");
    atomics<uint32_t, AtomicExchange>(table, "exch", "b32");
    atomics<uint32_t, AtomicCompare>(table, "cas", "b32");
    table["cp.async.cg.shared.global"] = memory(copyAsync, 16, false);
    table["cp.async.ca.shared.global"] = memory(copyAsync, 16, false);
    Opcode commit;
    commit.run = commitCopies;
    table["cp.async.commit_group"] = commit;
    Opcode wait;
    wait.run = waitForCopies;
    table["cp.async.wait_group"] = wait;
    table["cp.async.wait_all"] = wait;
    // Global and generic addresses are the same here.
    Opcode same;
    same.run = [](Warp& w, const Instruction& i, uint32_t mask) {
        uint64_t* d = w.lanes<uint64_t>(i.operands[0].at);
        const uint64_t* a = w.lanes<uint64_t>(i.operands[1].at);
        each(mask, [=](int lane) { d[lane] = a[lane]; });
    };
    same.immediateBytes = 8;
    table["cvta.to.global.u64"] = same;
    table["cvta.global.u64"] = same;
    return table;
}

} // namespace

void landCopies(Warp& warp, uint32_t mask, size_t pending) {
    for (uint32_t m = mask; m != 0; m &= m - 1) {
        const int lane = __builtin_ctz(m);
        auto& groups = warp.groups[lane];
        while (groups.size() > pending) {
            for (const AsyncCopy& copy : groups.front()) {
                unsigned char* to = warp.block->shared.write(copy.to, copy.bytes + copy.zeros, warp.number);
                if (copy.bytes > 0) {
                    warp.block->memory.find(copy.from, copy.bytes, "cp.async");
                    memcpy(to, reinterpret_cast<const void*>(copy.from), copy.bytes);
                }
                memset(to + copy.bytes, 0, copy.zeros);
            }
            groups.erase(groups.begin());
        }
    }
}

bool findMemory(const std::string& name, Opcode& to) {
    static const Table TABLE = memories();
    const auto found = TABLE.find(name);
    if (found == TABLE.end()) {
        return false;
    }
    to = found->second;
    return true;
}

} // namespace emulator

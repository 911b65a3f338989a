#include "block.h"

#include <algorithm>
#include <cstring>

namespace emulator {

namespace {

constexpr int MOST_TURN = 400; // instructions until another warp may have its turn

/*
 * CUDA promises no order between threads but what barriers and warp-level instructions bring about. So each turn a warp is drawn, then lanes of it that
 * stand at the same instruction: mostly those that are furthest behind, so that lanes which have parted meet again, sometimes any, and
 * sometimes only some of them. They run until they part, must wait, or have had their turn.
 */
class Schedule {
  public:
    Schedule(Block& block, std::vector<Warp>& warps, unsigned threads) : block_(block), warps_(warps), running_(threads) {}

    void run() {
        while (running_ > 0) {
            std::vector<int> ready;
            for (Warp& warp : warps_) {
                if (readyLanes(warp) != 0) {
                    ready.push_back(warp.number);
                }
            }
            if (ready.empty()) {
                if (waiting_ == running_ && running_ > 0) {
                    openBarrier();
                    continue;
                }
                throw Fault{LAUNCH_FAILED, "deadlock: " + std::to_string(waiting_) + " of " + std::to_string(running_)
                        + " threads wait at a barrier, the others for lanes of their warp that don't come"};
            }
            turn(warps_[ready[block_.random() % ready.size()]]);
        }
    }

  private:
    static uint32_t readyLanes(const Warp& warp) {
        uint32_t lanes = 0;
        for (int lane = 0; lane < LANES; lane++) {
            lanes |= static_cast<uint32_t>(warp.state[lane] == LaneState::READY) << lane;
        }
        return lanes;
    }

    void openBarrier() {
        block_.shared.barrier();
        waiting_ = 0;
        for (Warp& warp : warps_) {
            for (int lane = 0; lane < LANES; lane++) {
                if (warp.state[lane] == LaneState::AT_BARRIER) {
                    warp.state[lane] = LaneState::READY;
                }
            }
        }
    }

    void turn(Warp& warp) {
        const uint32_t ready = readyLanes(warp);
        const uint32_t chance = block_.random();
        int leader = __builtin_ctz(ready);
        if (chance % 16 == 0) {
            for (int skip = chance / 16 % __builtin_popcount(ready); skip > 0; skip--) {
                leader = __builtin_ctz(ready & ~((2u << leader) - 1));
            }
        } else {
            for (uint32_t m = ready; m != 0; m &= m - 1) {
                const int lane = __builtin_ctz(m);
                leader = warp.pc[lane] < warp.pc[leader] ? lane : leader;
            }
        }
        uint32_t together = 0;
        for (uint32_t m = ready; m != 0; m &= m - 1) {
            const int lane = __builtin_ctz(m);
            together |= static_cast<uint32_t>(warp.pc[lane] == warp.pc[leader]) << lane;
        }
        if (chance / 16 % 32 == 0) {
            together &= block_.random() | 1u << leader;
        }
        if (chance / 512 % 4 == 0) {
            // Copies may land before anybody waits for them.
            const int lane = chance / 2048 % LANES;
            if (!warp.groups[lane].empty()) {
                landCopies(warp, 1u << lane, warp.groups[lane].size() - 1);
            }
        }
        steps(warp, together, 1 + static_cast<int>(block_.random() % MOST_TURN));
    }

    void steps(Warp& warp, uint32_t mask, int budget) {
        const Instruction* code = block_.program.code.data();
        uint32_t pc = warp.pc[__builtin_ctz(mask)];
        try {
            for (; budget > 0; budget--) {
                const Instruction& instruction = code[pc];
                block_.instructions += __builtin_popcount(mask);
                uint32_t active = mask;
                if (instruction.isGuarded) {
                    const uint8_t* guard = warp.lanes<uint8_t>(instruction.guard);
                    uint32_t holds = 0;
                    for (int lane = 0; lane < LANES; lane++) {
                        holds |= static_cast<uint32_t>((guard[lane] != 0) != instruction.isGuardNegated) << lane;
                    }
                    active &= holds;
                }
                switch (instruction.kind) {
                case Kind::PLAIN:
                    if (active != 0) {
                        instruction.run(warp, instruction, active);
                    }
                    pc++;
                    break;
                case Kind::BRANCH:
                    if (active == mask) {
                        pc = instruction.target;
                    } else if (active == 0) {
                        pc++;
                    } else {
                        put(warp, active, instruction.target);
                        put(warp, mask & ~active, pc + 1);
                        return;
                    }
                    break;
                case Kind::EXIT:
                    each(active, [&](int lane) { warp.state[lane] = LaneState::EXITED; });
                    running_ -= __builtin_popcount(active);
                    mask &= ~active;
                    pc++;
                    if (mask == 0) {
                        return;
                    }
                    break;
                case Kind::BARRIER:
                    each(active, [&](int lane) { warp.state[lane] = LaneState::AT_BARRIER; });
                    waiting_ += __builtin_popcount(active);
                    put(warp, mask, pc + 1);
                    return;
                case Kind::CONVERGENT:
                    if (active != 0 && active != mask) {
                        // Those whose guard doesn't hold go on; the others come back to it together.
                        put(warp, mask & ~active, pc + 1);
                        put(warp, active, pc);
                        return;
                    }
                    if (active != 0 && !meet(warp, instruction, mask, pc)) {
                        return;
                    }
                    pc++;
                    break;
                }
            }
            put(warp, mask, pc);
        } catch (Fault& fault) {
            fault.what += "; in " + block_.program.name + ", PTX line " + std::to_string(code[pc].line) + ": " + code[pc].text;
            throw;
        }
    }

    // Lanes have come to an instruction that others must come to as well. Returns whether it was carried out for exactly these lanes.
    bool meet(Warp& warp, const Instruction& instruction, uint32_t mask, uint32_t pc) {
        uint32_t members = ALL;
        if (instruction.membersGiven) {
            members = warp.lanes<uint32_t>(instruction.operands.back().at)[__builtin_ctz(mask)];
            if (mask & ~members) {
                throw Fault{LAUNCH_FAILED, "lanes that aren't members of their own instruction"};
            }
        }
        if (members == mask) {
            instruction.run(warp, instruction, mask);
            return true;
        }
        put(warp, mask, pc);
        each(mask, [&](int lane) { warp.state[lane] = LaneState::AT_WARP; });
        uint32_t arrived = 0;
        for (int lane = 0; lane < LANES; lane++) {
            arrived |= static_cast<uint32_t>(warp.state[lane] == LaneState::AT_WARP && warp.pc[lane] == pc) << lane;
        }
        if ((arrived & members) == members) {
            instruction.run(warp, instruction, members);
            each(members, [&](int lane) { warp.state[lane] = LaneState::READY; });
            put(warp, members, pc + 1);
        }
        return false;
    }

    static void put(Warp& warp, uint32_t mask, uint32_t pc) {
        each(mask, [&](int lane) { warp.pc[lane] = pc; });
    }

    Block& block_;
    std::vector<Warp>& warps_;
    unsigned running_;
    unsigned waiting_ = 0; // at the barrier
};

uint32_t special(Special which, Dim grid, Dim block, Dim index, uint32_t thread) {
    switch (which) {
    case Special::TID_X: return thread % block.x;
    case Special::TID_Y: return thread / block.x % block.y;
    case Special::TID_Z: return thread / block.x / block.y;
    case Special::NTID_X: return block.x;
    case Special::NTID_Y: return block.y;
    case Special::NTID_Z: return block.z;
    case Special::CTAID_X: return index.x;
    case Special::CTAID_Y: return index.y;
    case Special::CTAID_Z: return index.z;
    case Special::NCTAID_X: return grid.x;
    case Special::NCTAID_Y: return grid.y;
    case Special::NCTAID_Z: return grid.z;
    case Special::LANE: return thread % LANES;
    }
    return 0;
}

} // namespace

uint64_t Block::run(
        const Program& program, DeviceMemory& memory, const unsigned char* parameters, unsigned dynamicShared, Dim grid, Dim dim,
        Dim index, Random& random) {
    Block block{program, memory, parameters, SharedMemory(program.sharedBytes + dynamicShared), random};
    const unsigned threads = dim.x * dim.y * dim.z;
    const unsigned count = (threads + LANES - 1) / LANES;
    static thread_local std::vector<unsigned char> registers;
    registers.resize(static_cast<size_t>(program.registerBytes) * count + 64);
    unsigned char* first = registers.data() + (64 - reinterpret_cast<uintptr_t>(registers.data()) % 64) % 64;
    // What a register holds before it is written is anything.
    memset(first, static_cast<int>(random() & 0xff), static_cast<size_t>(program.registerBytes) * count);
    std::vector<Warp> warps(count);
    for (unsigned n = 0; n < count; n++) {
        Warp& warp = warps[n];
        warp.block = &block;
        warp.number = static_cast<int>(n);
        warp.registers = first + static_cast<size_t>(program.registerBytes) * n;
        for (int lane = 0; lane < LANES; lane++) {
            warp.pc[lane] = 0;
            warp.state[lane] = n * LANES + lane < threads ? LaneState::READY : LaneState::EXITED;
        }
        for (const Program::Constant& constant : program.constants) {
            for (int lane = 0; lane < LANES; lane++) {
                memcpy(warp.registers + constant.at + lane * constant.width, &constant.value, constant.width);
            }
        }
        for (const auto& [at, which] : program.specials) {
            for (int lane = 0; lane < LANES; lane++) {
                warp.lanes<uint32_t>(at)[lane] = special(which, grid, dim, index, n * LANES + lane);
            }
        }
    }
    try {
        Schedule(block, warps, threads).run();
    } catch (Fault& fault) {
        fault.what += "; block (" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) + ")";
        throw;
    }
    return block.instructions;
}

} // namespace emulator

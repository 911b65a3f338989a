// A block's shared memory. It knows who touched which word since the last barrier: two warps that touch the same word, one of them writing, with no
// barrier between, is a race whose outcome CUDA leaves open, and a fault here, whatever order the warps happened to run in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fault.h"

namespace emulator {

class SharedMemory {
  public:
    explicit SharedMemory(size_t bytes) : bytes_(bytes, 0xff), words_((bytes + 3) / 4) {}

    unsigned char* read(uint64_t address, unsigned bytes, int warp) {
        check(address, bytes);
        for (uint64_t w = address / 4; w <= (address + bytes - 1) / 4; w++) {
            Word& word = current(w);
            if (word.writer >= 0 && word.writer != warp) {
                race("read", address, warp, word.writer);
            }
            word.readers |= 1u << warp;
        }
        return bytes_.data() + address;
    }

    unsigned char* write(uint64_t address, unsigned bytes, int warp) {
        check(address, bytes);
        for (uint64_t w = address / 4; w <= (address + bytes - 1) / 4; w++) {
            Word& word = current(w);
            if (word.writer >= 0 && word.writer != warp) {
                race("write", address, warp, word.writer);
            }
            if (word.readers & ~(1u << warp)) {
                race("write", address, warp, __builtin_ctz(word.readers & ~(1u << warp)));
            }
            word.writer = static_cast<int8_t>(warp);
        }
        return bytes_.data() + address;
    }

    // Every thread has arrived: what was touched before is ordered before what will be.
    void barrier() { epoch_++; }

  private:
    struct Word {
        uint32_t epoch = 0;
        uint32_t readers = 0; // a bit for each warp
        int8_t writer = -1;
    };

    Word& current(uint64_t index) {
        Word& word = words_[index];
        if (word.epoch != epoch_) {
            word = Word{epoch_, 0, -1};
        }
        return word;
    }

    void check(uint64_t address, unsigned bytes) const {
        if (address % bytes != 0) {
            throw Fault{MISALIGNED_ADDRESS, "shared address " + std::to_string(address) + " of " + std::to_string(bytes) + " bytes"};
        }
        if (address + bytes > bytes_.size()) {
            throw Fault{ILLEGAL_ADDRESS, "shared address " + std::to_string(address) + " of " + std::to_string(bytes_.size()) + " bytes"};
        }
    }

    [[noreturn]] static void race(const char* what, uint64_t address, int warp, int other) {
        throw Fault{LAUNCH_FAILED, "race in shared memory: " + std::string(what) + " of " + std::to_string(address) + " by warp "
                + std::to_string(warp) + " and an access by warp " + std::to_string(other) + " with no barrier between"};
    }

    std::vector<unsigned char> bytes_;
    std::vector<Word> words_;
    uint32_t epoch_ = 1;
};

} // namespace emulator

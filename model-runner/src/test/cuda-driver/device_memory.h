// The emulated device's memory. Every access is checked: within one allocation, aligned, not freed. New memory is filled with a pattern that is
// NaN in every float type, so that what was never written shows in a result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "fault.h"

namespace emulator {

class DeviceMemory {
  public:
    static constexpr unsigned char POISON = 0xff;

    explicit DeviceMemory(size_t bytes);
    ~DeviceMemory();

    struct Range {
        uint64_t begin = 0;
        uint64_t end = 0;
    };

    // Returns the address, 256-byte aligned, or throws OUT_OF_MEMORY. Addresses are never handed out twice.
    uint64_t allocate(size_t bytes);
    void release(uint64_t address);
    // Memory of the host that another library has allocated and lends: it is found as device memory is until it's lent no more.
    void lend(uint64_t address, size_t bytes);
    void endLoans() { lent_.clear(); }
    // The live allocation that holds [address, address + bytes), else a fault that says what is wrong.
    Range find(uint64_t address, size_t bytes, const char* access) const;
    bool holds(uint64_t address) const;

    size_t total() const { return total_; }
    size_t used() const { return used_; }
    size_t allocations() const { return live_.size(); }
    void limit(size_t bytes) { total_ = bytes; }

  private:
    size_t total_;
    size_t used_ = 0;
    uint64_t base_ = 0;
    uint64_t next_ = 0;
    std::map<uint64_t, uint64_t> live_;  // begin -> end
    std::map<uint64_t, uint64_t> freed_; // begin -> end
    std::map<uint64_t, uint64_t> lent_;  // begin -> end, not overlapping
};

} // namespace emulator

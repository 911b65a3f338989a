#include "device_memory.h"

#include <sys/mman.h>

#include <cstring>
#include <iterator>

namespace emulator {

namespace {
// Address space, not memory: pages that nobody touches cost nothing.
constexpr size_t RESERVED = size_t{1} << 38;
constexpr size_t ALIGNMENT = 256;
constexpr size_t PAGE = 4096;

std::string range(uint64_t address, size_t bytes) {
    return std::to_string(bytes) + " bytes at " + std::to_string(address);
}
} // namespace

DeviceMemory::DeviceMemory(size_t bytes) : total_(bytes) {
    void* space = mmap(nullptr, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) {
        throw Fault{UNKNOWN, "no address space for the emulated device"};
    }
    base_ = next_ = reinterpret_cast<uint64_t>(space);
}

DeviceMemory::~DeviceMemory() { munmap(reinterpret_cast<void*>(base_), RESERVED); }

uint64_t DeviceMemory::allocate(size_t bytes) {
    if (bytes == 0) {
        throw Fault{INVALID_VALUE, "an allocation of 0 bytes"};
    }
    // A guard page behind each, so that a wild host access crashes at once rather than meets a neighbour.
    const size_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
    if (bytes > total_ - used_ || used_ > total_ || next_ + pages + PAGE > base_ + RESERVED) {
        throw Fault{OUT_OF_MEMORY, range(0, bytes) + " with " + std::to_string(total_ - used_) + " free"};
    }
    const uint64_t address = next_;
    void* memory = reinterpret_cast<void*>(address);
    if (mprotect(memory, pages, PROT_READ | PROT_WRITE) != 0) {
        throw Fault{OUT_OF_MEMORY, "the host has no " + std::to_string(bytes) + " bytes"};
    }
    memset(memory, POISON, bytes);
    next_ += pages + PAGE;
    live_[address] = address + bytes;
    used_ += bytes;
    return address;
}

void DeviceMemory::release(uint64_t address) {
    const auto it = live_.find(address);
    if (it == live_.end()) {
        throw Fault{INVALID_VALUE, freed_.count(address) ? "memory freed twice" : "free of what wasn't allocated"};
    }
    const size_t bytes = it->second - it->first;
    // Gives the pages back and makes the range unreadable.
    mmap(reinterpret_cast<void*>(address), (bytes + PAGE - 1) / PAGE * PAGE, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    used_ -= bytes;
    freed_[it->first] = it->second;
    live_.erase(it);
}

void DeviceMemory::lend(uint64_t address, size_t bytes) {
    // What overlaps was freed by its owner meanwhile, who didn't say so.
    auto it = lent_.upper_bound(address);
    if (it != lent_.begin() && std::prev(it)->second > address) {
        --it;
    }
    while (it != lent_.end() && it->first < address + bytes) {
        it = lent_.erase(it);
    }
    lent_[address] = address + bytes;
}

DeviceMemory::Range DeviceMemory::find(uint64_t address, size_t bytes, const char* access) const {
    auto it = live_.upper_bound(address);
    if (it != live_.begin() && (--it)->second > address) {
        if (address + bytes <= it->second) {
            return Range{it->first, it->second};
        }
        throw Fault{ILLEGAL_ADDRESS, std::string(access) + " of " + range(address, bytes) + ", "
                + std::to_string(address + bytes - it->second) + " bytes beyond an allocation of "
                + std::to_string(it->second - it->first)};
    }
    auto loan = lent_.upper_bound(address);
    if (loan != lent_.begin() && (--loan)->second >= address + bytes && loan->first <= address) {
        return Range{loan->first, loan->second};
    }
    auto gone = freed_.upper_bound(address);
    const bool isFreed = gone != freed_.begin() && (--gone)->second > address;
    throw Fault{ILLEGAL_ADDRESS, std::string(access) + " of " + range(address, bytes)
            + (isFreed ? ", which was freed" : ", which was never allocated")};
}

bool DeviceMemory::holds(uint64_t address) const {
    auto it = live_.upper_bound(address);
    auto loan = lent_.upper_bound(address);
    return (it != live_.begin() && (--it)->second > address) || (loan != lent_.begin() && (--loan)->second > address);
}

} // namespace emulator

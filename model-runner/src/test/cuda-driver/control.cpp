// What a test tells the emulated device, and asks it, beside the driver API.
#include "device.h"

#define CONTROL extern "C" __attribute__((visibility("default")))

using namespace emulator;

// Forgets faults and counts and begins a new sequence of chances. Memory, streams and modules stay: it is the test that must have freed them.
CONTROL void emulator_reset(int64_t seed, int64_t memoryBytes, int eagerPercent) {
    Device& device = Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    device.random.seed(static_cast<uint32_t>(seed));
    device.memory.limit(static_cast<size_t>(memoryBytes));
    device.streams.drop();
    device.streams.eager(static_cast<unsigned>(eagerPercent));
    device.sticky = SUCCESS;
    device.lastFault.clear();
    device.clearFailures();
    for (uint64_t& count : device.counts) {
        count = 0;
    }
    device.instructions = 0;
    device.major = 8;
    device.minor = 0;
}

CONTROL void emulator_capability(int major, int minor) {
    Device::get().major = major;
    Device::get().minor = minor;
}

// The call of that kind after `after` more of them fails with that code.
CONTROL void emulator_fail(int operation, int64_t after, int code) {
    Device& device = Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    device.countdown[operation] = after;
    device.failure[operation] = static_cast<Result>(code);
}

CONTROL int64_t emulator_count(int operation) { return static_cast<int64_t>(Device::get().counts[operation]); }
CONTROL int64_t emulator_instructions() { return static_cast<int64_t>(Device::get().instructions); }
CONTROL int64_t emulator_used_bytes() { return static_cast<int64_t>(Device::get().memory.used()); }
// Allocations, pinned ranges, streams, events and modules that are left.
CONTROL int64_t emulator_left() {
    Device& device = Device::get();
    return static_cast<int64_t>(device.memory.allocations() + device.pinned.size() + device.streams.count() + device.events.size() + device.modules.size());
}
// Has the device see memory of the host, until the loans end.
CONTROL void emulator_lend(int64_t address, int64_t bytes) {
    Device& device = Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    device.memory.lend(static_cast<uint64_t>(address), static_cast<size_t>(bytes));
}
CONTROL void emulator_end_loans() {
    Device& device = Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    device.memory.endLoans();
}
CONTROL const char* emulator_last_fault() { return Device::get().lastFault.c_str(); }

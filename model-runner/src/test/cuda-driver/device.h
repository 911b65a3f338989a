// The one emulated device: its memory, modules, streams, and what is to go wrong.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "device_memory.h"
#include "program.h"
#include "streams.h"

namespace emulator {

// What can be made to fail, and what is counted.
enum Operation : int { ALLOCATE, ALLOCATE_HOST, LAUNCH, KERNEL, COPY, ANY, OPERATIONS };

struct Module {
    std::map<std::string, std::shared_ptr<const Program>> programs;
};

struct Device {
    std::mutex lock;
    Random random{1};
    DeviceMemory memory{size_t{1} << 30};
    Streams streams{random};
    std::map<uint64_t, std::shared_ptr<Event>> events;
    std::map<uint64_t, std::shared_ptr<Module>> modules;
    std::map<uint64_t, std::shared_ptr<const Program>> functions;
    std::map<uint64_t, size_t> pinned; // host address -> bytes
    uint64_t lastHandle = 1000;
    bool isInitialized = false;
    int retained = 0; // of the primary context
    int major = 8;
    int minor = 0;
    Result sticky = SUCCESS; // after a fault in a kernel every call fails, until the process ends
    std::string lastFault;
    int64_t countdown[OPERATIONS]; // to the call that fails; negative: none does
    Result failure[OPERATIONS];
    uint64_t counts[OPERATIONS] = {};
    uint64_t instructions = 0;

    Device() {
        clearFailures();
        // "operation:after:code", for a process whose JVM no test can reach into.
        int operation = 0, code = 0;
        long long after = 0;
        const char* asked = getenv("KVASIR_EMULATOR_FAIL");
        if (asked != nullptr && sscanf(asked, "%d:%lld:%d", &operation, &after, &code) == 3 && operation >= 0 && operation < OPERATIONS) {
            countdown[operation] = after;
            failure[operation] = static_cast<Result>(code);
        }
    }

    void clearFailures() {
        for (int operation = 0; operation < OPERATIONS; operation++) {
            countdown[operation] = -1;
        }
    }

    // Counts, and throws if it is this call that is to fail.
    void count(Operation operation) {
        counts[operation]++;
        if (countdown[operation] >= 0 && countdown[operation]-- == 0) {
            throw Fault{failure[operation], "as the test asked for"};
        }
    }

    static Device& get();
};

} // namespace emulator

// What goes wrong in the emulated device: a CUresult of the driver API and a sentence.
#pragma once

#include <cstdint>
#include <string>

namespace emulator {

enum Result : int {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    INVALID_DEVICE = 101,
    INVALID_CONTEXT = 201,
    INVALID_PTX = 218,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    LAUNCH_OUT_OF_RESOURCES = 701,
    LAUNCH_FAILED = 719,
    MISALIGNED_ADDRESS = 716,
    NOT_SUPPORTED = 801,
    DEVICE_UNAVAILABLE = 46,
    UNKNOWN = 999,
};

struct Fault {
    Result code;
    std::string what;
};

} // namespace emulator

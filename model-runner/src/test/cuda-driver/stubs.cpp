// Answers NOT_SUPPORTED for every function that driver.cpp doesn't have; weak, so that those it has win.
#include "device.h"

namespace {
int unsupported(const char* name) {
    emulator::Device& device = emulator::Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    device.lastFault = std::string(name) + " isn't emulated";
    return emulator::NOT_SUPPORTED;
}
} // namespace

#define X(name) \
    extern "C" __attribute__((visibility("default"), weak)) int name() { return unsupported(#name); }
#include "symbols.inc"
#undef X

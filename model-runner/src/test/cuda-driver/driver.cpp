// The part of the CUDA driver API that JCuda code of ours calls, over the emulated device. What isn't here answers NOT_SUPPORTED (stubs.cpp).
#include <cstring>

#include "device.h"

#define API extern "C" __attribute__((visibility("default"))) int

using namespace emulator;

namespace emulator {
Device& Device::get() {
    // Never destroyed: the JVM's threads may call until the process is gone.
    static Device* device = new Device();
    return *device;
}
} // namespace emulator

namespace {

constexpr uint64_t CONTEXT = 0xc0;
thread_local uint64_t currentContext = 0;

// After these a real context is of no more use.
bool isSticky(Result code) {
    return code == ILLEGAL_ADDRESS || code == MISALIGNED_ADDRESS || code == LAUNCH_FAILED || code == DEVICE_UNAVAILABLE;
}

template <class F> int guarded(bool needsContext, F f) {
    Device& device = Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    try {
        if (!device.isInitialized) {
            throw Fault{NOT_INITIALIZED, "cuInit wasn't called"};
        }
        if (device.sticky != SUCCESS) {
            return device.sticky;
        }
        if (needsContext && (currentContext == 0 || device.retained == 0)) {
            throw Fault{INVALID_CONTEXT, "no context is current"};
        }
        device.count(ANY);
        return f(device);
    } catch (const Fault& fault) {
        device.lastFault = fault.what;
        if (isSticky(fault.code)) {
            device.sticky = fault.code;
            device.streams.drop();
        }
        return fault.code;
    }
}

template <class F> int api(F f) {
    return guarded(true, [&](Device& device) {
        f(device);
        return SUCCESS;
    });
}

bool isPinned(Device& device, const void* host, size_t bytes) {
    const uint64_t at = reinterpret_cast<uint64_t>(host);
    auto it = device.pinned.upper_bound(at);
    return it != device.pinned.begin() && (--it)->first + it->second >= at + bytes;
}

void checkDevice(Device& device, uint64_t address, size_t bytes, const char* what) {
    try {
        device.memory.find(address, bytes, what);
    } catch (const Fault& fault) {
        throw Fault{INVALID_VALUE, fault.what}; // a copy is checked when it is asked for
    }
}

void runNow(Device& device, uint64_t stream, std::function<void()> work) {
    Work queued;
    queued.run = std::move(work);
    device.streams.add(stream, std::move(queued));
}

void copyToDevice(Device& device, uint64_t to, const void* from, size_t bytes, uint64_t stream, bool isAsync) {
    device.count(COPY);
    checkDevice(device, to, bytes, "write");
    const auto copy = [&device, to, bytes](const void* source) {
        device.memory.find(to, bytes, "copy to");
        memcpy(reinterpret_cast<void*>(to), source, bytes);
    };
    if (isAsync && !isPinned(device, from, bytes)) {
        // Pageable memory is staged before the call returns.
        auto staged = std::make_shared<std::vector<unsigned char>>(bytes);
        memcpy(staged->data(), from, bytes);
        runNow(device, stream, [copy, staged] { copy(staged->data()); });
    } else {
        runNow(device, stream, [copy, from] { copy(from); });
    }
    if (!isAsync) {
        device.streams.synchronize(stream);
    }
}

void copyToHost(Device& device, void* to, uint64_t from, size_t bytes, uint64_t stream, bool isAsync) {
    device.count(COPY);
    checkDevice(device, from, bytes, "read");
    runNow(device, stream, [&device, to, from, bytes] {
        device.memory.find(from, bytes, "copy from");
        memcpy(to, reinterpret_cast<const void*>(from), bytes);
    });
    if (!isAsync || !isPinned(device, to, bytes)) {
        device.streams.synchronize(stream);
    }
}

void copyWithin(Device& device, uint64_t to, uint64_t from, size_t bytes, uint64_t stream) {
    device.count(COPY);
    checkDevice(device, to, bytes, "write");
    checkDevice(device, from, bytes, "read");
    runNow(device, stream, [&device, to, from, bytes] {
        device.memory.find(to, bytes, "copy to");
        device.memory.find(from, bytes, "copy from");
        memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
    });
}

void fill(Device& device, uint64_t to, uint32_t value, size_t width, size_t count, uint64_t stream) {
    checkDevice(device, to, width * count, "write");
    runNow(device, stream, [&device, to, value, width, count] {
        device.memory.find(to, width * count, "memset of");
        for (size_t i = 0; i < count; i++) {
            memcpy(reinterpret_cast<char*>(to) + i * width, &value, width);
        }
    });
}

std::shared_ptr<Event> event(Device& device, uint64_t handle) {
    const auto it = device.events.find(handle);
    if (it == device.events.end()) {
        throw Fault{INVALID_HANDLE, "no event " + std::to_string(handle)};
    }
    return it->second;
}

void launch(Device& device, uint64_t function, Dim grid, Dim block, unsigned shared, uint64_t stream, void** arguments) {
    device.count(LAUNCH);
    const auto it = device.functions.find(function);
    if (it == device.functions.end()) {
        throw Fault{INVALID_HANDLE, "no function " + std::to_string(function)};
    }
    const auto program = it->second;
    const uint64_t threads = uint64_t{block.x} * block.y * block.z;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535 || threads == 0) {
        throw Fault{INVALID_VALUE, "a grid or block without threads, or a grid too large"};
    }
    if (threads > program->maxThreads) {
        throw Fault{INVALID_VALUE, std::to_string(threads) + " threads of a kernel for " + std::to_string(program->maxThreads)};
    }
    if (program->sharedBytes + shared > 48 << 10) {
        throw Fault{INVALID_VALUE, std::to_string(program->sharedBytes + shared) + " bytes of shared memory"};
    }
    auto parameters = std::make_shared<std::vector<unsigned char>>(program->parameterBytes);
    for (size_t i = 0; i < program->parameters.size(); i++) {
        const Parameter& parameter = program->parameters[i];
        memcpy(parameters->data() + parameter.offset, arguments[i], parameter.bytes);
    }
    runNow(device, stream, [&device, program, grid, block, shared, parameters] {
        device.count(KERNEL);
        std::vector<uint64_t> order(uint64_t{grid.x} * grid.y * grid.z);
        for (size_t i = 0; i < order.size(); i++) {
            order[i] = i;
        }
        std::shuffle(order.begin(), order.end(), device.random);
        for (const uint64_t i : order) {
            const Dim index{static_cast<uint32_t>(i % grid.x), static_cast<uint32_t>(i / grid.x % grid.y), static_cast<uint32_t>(i / grid.x / grid.y)};
            device.instructions += Block::run(*program, device.memory, parameters->data(), shared, grid, block, index, device.random);
        }
    });
}

struct ErrorName {
    int code;
    const char* name;
    const char* text;
};
const ErrorName ERRORS[] = {
        {SUCCESS, "CUDA_SUCCESS", "no error"},
        {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
        {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
        {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
        {DEVICE_UNAVAILABLE, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
        {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
        {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
        {INVALID_PTX, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
        {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
        {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
        {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
        {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
        {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
        {MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
        {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
        {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
        {UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

} // namespace

API cuInit(unsigned) {
    Device& device = Device::get();
    std::lock_guard<std::mutex> hold(device.lock);
    device.isInitialized = true;
    return SUCCESS;
}
API cuDriverGetVersion(int* version) {
    *version = 12060;
    return SUCCESS;
}
API cuGetErrorName(int code, const char** name) {
    for (const ErrorName& error : ERRORS) {
        if (error.code == code) {
            *name = error.name;
            return SUCCESS;
        }
    }
    *name = nullptr;
    return INVALID_VALUE;
}
API cuGetErrorString(int code, const char** text) {
    for (const ErrorName& error : ERRORS) {
        if (error.code == code) {
            *text = error.text;
            return SUCCESS;
        }
    }
    *text = nullptr;
    return INVALID_VALUE;
}

// ---- device and context

API cuDeviceGetCount(int* count) {
    *count = 1;
    return SUCCESS;
}
API cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return ordinal == 0 ? SUCCESS : INVALID_DEVICE;
}
API cuDeviceGetName(char* name, int length, int) {
    strncpy(name, "Emulated device", length);
    return SUCCESS;
}
API cuDeviceTotalMem_v2(size_t* bytes, int) {
    return guarded(false, [&](Device& device) {
        *bytes = device.memory.total();
        return SUCCESS;
    });
}
API cuDeviceGetAttribute(int* value, int attribute, int) {
    return guarded(false, [&](Device& device) {
        switch (attribute) {
        case 1: *value = 1024; break;      // threads per block
        case 8: *value = 48 << 10; break;  // shared memory per block
        case 10: *value = LANES; break;    // warp size
        case 16: *value = 4; break;        // multiprocessors
        case 40: *value = 2; break;        // copy engines
        case 41: *value = 1; break;        // unified addressing
        case 75: *value = device.major; break;
        case 76: *value = device.minor; break;
        default: throw Fault{INVALID_VALUE, "device attribute " + std::to_string(attribute)};
        }
        return SUCCESS;
    });
}
API cuDevicePrimaryCtxRetain(uint64_t* context, int) {
    return guarded(false, [&](Device& device) {
        device.retained++;
        *context = CONTEXT;
        return SUCCESS;
    });
}
API cuDevicePrimaryCtxRelease_v2(int) {
    return guarded(false, [&](Device& device) {
        if (device.retained == 0) {
            throw Fault{INVALID_CONTEXT, "the primary context isn't retained"};
        }
        device.retained--;
        return SUCCESS;
    });
}
API cuCtxSetCurrent(uint64_t context) {
    currentContext = context;
    return SUCCESS;
}
API cuCtxGetCurrent(uint64_t* context) {
    *context = currentContext;
    return SUCCESS;
}
API cuCtxSynchronize() {
    return api([](Device& device) { device.streams.synchronizeAll(); });
}

// ---- memory

API cuMemAlloc_v2(uint64_t* address, size_t bytes) {
    return api([&](Device& device) {
        device.count(ALLOCATE);
        *address = device.memory.allocate(bytes);
    });
}
API cuMemFree_v2(uint64_t address) {
    return api([&](Device& device) {
        device.streams.synchronizeAll(); // as the real one does
        device.memory.release(address);
    });
}
API cuMemGetInfo_v2(size_t* available, size_t* total) {
    return api([&](Device& device) {
        *total = device.memory.total();
        *available = *total - device.memory.used();
    });
}
API cuMemHostAlloc(void** host, size_t bytes, unsigned) {
    return api([&](Device& device) {
        device.count(ALLOCATE_HOST);
        if (posix_memalign(host, 4096, bytes) != 0) {
            throw Fault{OUT_OF_MEMORY, std::to_string(bytes) + " bytes of pinned memory"};
        }
        memset(*host, DeviceMemory::POISON, bytes);
        device.pinned[reinterpret_cast<uint64_t>(*host)] = bytes;
    });
}
API cuMemAllocHost_v2(void** host, size_t bytes) { return cuMemHostAlloc(host, bytes, 0); }
API cuMemFreeHost(void* host) {
    return api([&](Device& device) {
        if (device.pinned.erase(reinterpret_cast<uint64_t>(host)) == 0) {
            throw Fault{INVALID_VALUE, "pinned memory freed twice, or never allocated"};
        }
        device.streams.synchronizeAll();
        free(host);
    });
}
API cuMemcpyHtoD_v2(uint64_t to, const void* from, size_t bytes) {
    return api([&](Device& device) { copyToDevice(device, to, from, bytes, 0, false); });
}
API cuMemcpyDtoH_v2(void* to, uint64_t from, size_t bytes) {
    return api([&](Device& device) { copyToHost(device, to, from, bytes, 0, false); });
}
API cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes) {
    return api([&](Device& device) { copyWithin(device, to, from, bytes, 0); });
}
API cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, uint64_t stream) {
    return api([&](Device& device) { copyToDevice(device, to, from, bytes, stream, true); });
}
API cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, uint64_t stream) {
    return api([&](Device& device) { copyToHost(device, to, from, bytes, stream, true); });
}
API cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, uint64_t stream) {
    return api([&](Device& device) { copyWithin(device, to, from, bytes, stream); });
}
API cuMemsetD8_v2(uint64_t to, unsigned char value, size_t count) {
    return api([&](Device& device) { fill(device, to, value, 1, count, 0); });
}
API cuMemsetD8Async(uint64_t to, unsigned char value, size_t count, uint64_t stream) {
    return api([&](Device& device) { fill(device, to, value, 1, count, stream); });
}
API cuMemsetD32Async(uint64_t to, unsigned value, size_t count, uint64_t stream) {
    return api([&](Device& device) { fill(device, to, value, 4, count, stream); });
}

// ---- streams and events

API cuStreamCreate(uint64_t* stream, unsigned flags) {
    return api([&](Device& device) { *stream = device.streams.create((flags & 1) == 0); });
}
API cuStreamDestroy_v2(uint64_t stream) {
    return api([&](Device& device) { device.streams.destroy(stream); });
}
API cuStreamSynchronize(uint64_t stream) {
    return api([&](Device& device) { device.streams.synchronize(stream); });
}
API cuStreamQuery(uint64_t stream) {
    return guarded(true, [&](Device& device) { return device.streams.isDone(stream) ? SUCCESS : NOT_READY; });
}
API cuStreamWaitEvent(uint64_t stream, uint64_t handle, unsigned) {
    return api([&](Device& device) {
        Work work;
        work.kind = Work::WAIT;
        work.event = event(device, handle);
        device.streams.add(stream, std::move(work));
    });
}
API cuEventCreate(uint64_t* handle, unsigned) {
    return api([&](Device& device) {
        *handle = ++device.lastHandle;
        device.events[*handle] = std::make_shared<Event>();
    });
}
API cuEventDestroy_v2(uint64_t handle) {
    return api([&](Device& device) {
        event(device, handle);
        device.events.erase(handle);
    });
}
API cuEventRecord(uint64_t handle, uint64_t stream) {
    return api([&](Device& device) {
        Work work;
        work.kind = Work::RECORD;
        work.event = event(device, handle);
        device.streams.add(stream, std::move(work));
    });
}
API cuEventSynchronize(uint64_t handle) {
    return api([&](Device& device) { device.streams.synchronize(*event(device, handle)); });
}
API cuEventQuery(uint64_t handle) {
    return guarded(true, [&](Device& device) { return device.streams.isDone(*event(device, handle)) ? SUCCESS : NOT_READY; });
}
API cuEventElapsedTime(float* millis, uint64_t from, uint64_t to) {
    return api([&](Device& device) {
        *millis = std::chrono::duration<float, std::milli>(event(device, to)->at - event(device, from)->at).count();
    });
}

// ---- modules and kernels

API cuModuleLoadData(uint64_t* handle, const void* image) {
    return api([&](Device& device) {
        auto module = std::make_shared<Module>();
        for (const auto& [name, function] : parsePtx(static_cast<const char*>(image))) {
            module->programs[name] = compile(function);
        }
        *handle = ++device.lastHandle;
        device.modules[*handle] = module;
    });
}
API cuModuleLoadDataEx(uint64_t* handle, const void* image, unsigned, int*, void**) { return cuModuleLoadData(handle, image); }
API cuModuleUnload(uint64_t handle) {
    return api([&](Device& device) {
        if (device.modules.erase(handle) == 0) {
            throw Fault{INVALID_HANDLE, "no module " + std::to_string(handle)};
        }
    });
}
API cuModuleGetFunction(uint64_t* function, uint64_t module, const char* name) {
    return api([&](Device& device) {
        const auto it = device.modules.find(module);
        if (it == device.modules.end()) {
            throw Fault{INVALID_HANDLE, "no module " + std::to_string(module)};
        }
        const auto program = it->second->programs.find(name);
        if (program == it->second->programs.end()) {
            throw Fault{NOT_FOUND, std::string("no function ") + name};
        }
        *function = ++device.lastHandle;
        device.functions[*function] = program->second;
    });
}
API cuLaunchKernel(
        uint64_t function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared,
        uint64_t stream, void** arguments, void**) {
    return api([&](Device& device) {
        launch(device, function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, shared, stream, arguments);
    });
}

package dev.kvasir.runner.cuda;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jcuda.LibUtils;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Whether this machine has a CUDA device that can be used.
 *
 * @param isAvailable whether it has
 * @param reason what was found, or why not: half a sentence for the log
 */
public record CudaProbe(boolean isAvailable, String reason) {
    private static final String NATIVES = "JCudaDriver-12.6.0";

    /** The driver is asked once: after a failed load every use of JCuda's classes fails in its own way. */
    private static final class Holder {
        static final CudaProbe RESULT = look();
    }

    /** Returns what is there. Takes no context and no memory; on a machine without a driver it loads nothing. */
    public static CudaProbe result() {
        return Holder.RESULT;
    }

    private static CudaProbe look() {
        try {
            String name = System.mapLibraryName(LibUtils.createPlatformLibraryName(NATIVES));
            Optional<Path> library = onLibraryPath(name);
            if (library.isEmpty()) {
                return new CudaProbe(false, "no CUDA: " + name + " isn't on java.library.path");
            }
            // Before JCuda does: where it fails to, it unpacks a copy to the temporary directory, and loads whatever
            // lies there under that name.
            System.load(library.get().toAbsolutePath().toString());
            int code = JCudaDriver.cuInit(0);
            if (code != CUresult.CUDA_SUCCESS) {
                return new CudaProbe(false, "no CUDA: cuInit returned " + code + " (" + CUresult.stringFor(code) + ")");
            }
            int[] count = new int[1];
            code = JCudaDriver.cuDeviceGetCount(count);
            if (code != CUresult.CUDA_SUCCESS || count[0] == 0) {
                return new CudaProbe(false, "no CUDA: the driver knows " + count[0] + " devices");
            }
            CUdevice device = new CUdevice();
            code = JCudaDriver.cuDeviceGet(device, 0);
            return code == CUresult.CUDA_SUCCESS
                    ? new CudaProbe(true, "CUDA device 0 of " + count[0])
                    : new CudaProbe(false, "no CUDA: cuDeviceGet returned " + code);
        } catch (LinkageError e) {
            return new CudaProbe(false, "no CUDA driver: " + e.getMessage());
        }
    }

    private static Optional<Path> onLibraryPath(String name) {
        for (String folder : System.getProperty("java.library.path", "").split(File.pathSeparator, -1)) {
            if (!folder.isEmpty() && Files.isRegularFile(Path.of(folder, name))) {
                return Optional.of(Path.of(folder, name));
            }
        }
        return Optional.empty();
    }
}

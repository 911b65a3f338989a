package dev.kvasir.runner.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
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
            // Where the library isn't on this path JCuda would unpack it into the temporary directory, and load
            // whatever lies there under its name.
            String library = System.mapLibraryName(LibUtils.createPlatformLibraryName(NATIVES));
            if (!isOnLibraryPath(library)) {
                return new CudaProbe(false, "no CUDA: " + library + " isn't on java.library.path");
            }
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
            return new CudaProbe(false, "no CUDA driver: " + reason(e));
        }
    }

    private static boolean isOnLibraryPath(String library) {
        for (String folder : System.getProperty("java.library.path", "").split(java.io.File.pathSeparator, -1)) {
            if (!folder.isEmpty() && Files.isRegularFile(Path.of(folder, library))) {
                return true;
            }
        }
        return false;
    }

    /** Returns the line that names the driver's library, else the first one; JCuda's message is a page. */
    private static String reason(Throwable e) {
        String[] lines = String.valueOf(e.getMessage()).split("\n");
        for (String line : lines) {
            if (line.contains("libcuda")) {
                return line.strip();
            }
        }
        return lines[0].strip();
    }
}

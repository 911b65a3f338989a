package dev.kvasir.runner.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels on a device. Each PTX file is loaded, and translated by the driver, when the first of its functions is asked for. Not thread-safe. */
final class KernelLibrary implements AutoCloseable {
    private final CudaDevice device;
    private final UnaryOperator<String> edit;
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, CUfunction> functions = new HashMap<>();

    KernelLibrary(CudaDevice device) {
        this(device, UnaryOperator.identity());
    }

    /** Creates a library whose PTX is changed before it is loaded: how tests plant errors. */
    KernelLibrary(CudaDevice device, UnaryOperator<String> edit) {
        this.device = device;
        this.edit = edit;
    }

    /**
     * Returns a function.
     *
     * @param file the PTX file's name without its ending
     */
    CUfunction function(String file, String name) {
        CUfunction known = functions.get(name);
        if (known != null) {
            return known;
        }
        CUmodule module = modules.computeIfAbsent(file, this::load);
        CUfunction function = new CUfunction();
        device.call("cuModuleGetFunction", () -> JCudaDriver.cuModuleGetFunction(function, module, name), name);
        functions.put(name, function);
        return function;
    }

    private CUmodule load(String file) {
        // The driver takes text that ends with a zero.
        byte[] image = (edit.apply(ptx(file)) + '\0').getBytes(StandardCharsets.US_ASCII);
        CUmodule module = new CUmodule();
        device.call("cuModuleLoadData", () -> JCudaDriver.cuModuleLoadData(module, image), file + ".ptx");
        return module;
    }

    /** Returns the text of a PTX file. */
    static String ptx(String file) {
        try (InputStream in = Objects.requireNonNull(
                KernelLibrary.class.getResourceAsStream(file + ".ptx"), () -> "no resource " + file + ".ptx")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        functions.clear();
        List<CUmodule> loaded = new ArrayList<>(modules.values());
        modules.clear();
        loaded.forEach(module -> device.call("cuModuleUnload", () -> JCudaDriver.cuModuleUnload(module)));
    }
}

package dev.kvasir.engine;

import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.Settings.RunnerDevice;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.runner.KvDevice;
import dev.kvasir.runner.cuda.CudaKv;
import dev.kvasir.runner.cuda.CudaProbe;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which device has keys, values and attention: chosen once, at the start. */
final class KvDevices {
    private static final Logger log = LoggerFactory.getLogger(KvDevices.class);
    /** What a step needs beside the pool: queries, outputs and partials of its tokens. */
    private static final long WORKING_BYTES = 512L << 20;

    private KvDevices() {}

    /**
     * Returns what makes the device, empty for the CPU.
     *
     * @throws SettingsException if CUDA was asked for and isn't there
     */
    static Optional<KvDevice.Factory> of(Settings settings) {
        if (settings.device() == RunnerDevice.CPU) {
            return Optional.empty();
        }
        CudaProbe probe = CudaProbe.result();
        if (probe.isAvailable()) {
            return Optional.of(CudaKv.factory(settings.pool().deviceBytes() + WORKING_BYTES));
        }
        if (settings.device() == RunnerDevice.CUDA) {
            throw new SettingsException("runner.device is cuda: " + probe.reason());
        }
        log.info("attention: cpu ({})", probe.reason());
        return Optional.empty();
    }
}

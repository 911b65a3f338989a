package dev.kvasir.engine;

import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.Settings.RunnerDevice;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.runner.KvDevice;
import dev.kvasir.runner.cuda.CudaKv;
import dev.kvasir.runner.cuda.CudaProbe;
import dev.kvasir.runner.torch.TorchPlace;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which device has keys, values and attention, and where weights and activations lie: chosen once, at the start.
 *
 * @param place on the card if libtorch is one for CUDA, else on the host
 * @param factory makes the device of keys and values; null where these are Torch's on the host
 */
record KvDevices(TorchPlace place, KvDevice.@Nullable Factory factory) {
    private static final Logger log = LoggerFactory.getLogger(KvDevices.class);
    /** What a step needs beside the pool: queries, outputs and partials of its tokens. */
    private static final long WORKING_BYTES = 512L << 20;

    private static final KvDevices ON_THE_HOST = new KvDevices(TorchPlace.HOST, null);

    /**
     * Chooses.
     *
     * @throws SettingsException if CUDA was asked for and isn't there
     */
    static KvDevices of(Settings settings) {
        if (settings.device() == RunnerDevice.CPU) {
            return ON_THE_HOST;
        }
        CudaProbe probe = CudaProbe.result();
        if (probe.isAvailable()) {
            TorchPlace place = TorchPlace.cuda().orElse(TorchPlace.HOST);
            log.info("weights: {}", place == TorchPlace.HOST ? "host (libtorch is for CPU)" : "card");
            return new KvDevices(place, CudaKv.factory(settings.pool().deviceBytes() + WORKING_BYTES));
        }
        if (settings.device() == RunnerDevice.CUDA) {
            throw new SettingsException("runner.device is cuda: " + probe.reason());
        }
        log.info("attention: cpu ({})", probe.reason());
        return ON_THE_HOST;
    }
}

package dev.kvasir.runner.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Orders a stream of ours with Torch's, where both work on one memory. DJL leaves Torch on the legacy null stream of the primary context; ours don't
 * block with it, so that copies go on beside steps, and events stand between. Nobody waits on the host.
 */
final class TorchOrder implements AutoCloseable {
    private static final CUstream TORCH = new CUstream();

    private final CudaDevice device;
    private final CUevent event;

    TorchOrder(CudaDevice device) {
        this.device = device;
        event = device.newEvent();
    }

    /** Has the stream's further work begin after what Torch has been asked for so far. */
    void afterTorch(CUstream stream) {
        order(TORCH, stream);
    }

    /** Has what Torch will be asked for begin after the stream's work so far. */
    void beforeTorch(CUstream stream) {
        order(stream, TORCH);
    }

    private void order(CUstream first, CUstream second) {
        // A wait is for what was recorded last before it, so one event serves all.
        device.call("cuEventRecord", () -> JCudaDriver.cuEventRecord(event, first));
        device.call("cuStreamWaitEvent", () -> JCudaDriver.cuStreamWaitEvent(second, event, 0));
    }

    @Override
    public void close() {
        device.destroy(event);
    }
}

/**
 * Attention on an NVIDIA card through JCuda: the KV pool in device memory, kernels of our own over it (CUDA sources in {@code src/main/cuda}, their
 * PTX among the resources), and what a host needs to drive them.
 *
 * <pre>
 * CudaProbe        is there a driver and a card? never breaks a machine without
 * CudaDevice       primary context, memory under a budget, streams, events; remembers an error after which the device is of no use
 * KernelLibrary    PTX to functions                    KernelChoice  which of them, once
 * TilePacker       spans to tiles, plain Java          CudaAttention  the contract {@link dev.kvasir.runner.PartialAttention}
 * CudaKv           pool, append with rotation, attention, swaps, compaction: what a runner needs
 * </pre>
 *
 * <p>A <em>tile</em> is what one thread block works on: some rows (queries x query heads of one KV head) of a span against some of its keys. Where a
 * span's keys are split over several tiles each gives a <em>part</em> with its logsumexp, and a second kernel merges the parts.
 */
@NullMarked
package dev.kvasir.runner.cuda;

import org.jspecify.annotations.NullMarked;

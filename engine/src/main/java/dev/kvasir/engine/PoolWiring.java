package dev.kvasir.engine;

import dev.kvasir.engine.config.Settings.PoolSettings;
import dev.kvasir.engine.config.Settings.StoredDtype;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.codec.CodedStore;
import dev.kvasir.pool.codec.Int8Codec;
import dev.kvasir.pool.codec.SegmentCodec;
import dev.kvasir.pool.disk.DiskGeometry;
import dev.kvasir.pool.disk.FileStore;
import dev.kvasir.pool.disk.OnMismatch;
import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.eviction.TenantShares;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.Copies;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.local.Residence;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.store.SegmentStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a pool together from the settings: the device's memory, and the tiers below it that have room. */
final class PoolWiring {
    private static final Logger log = LoggerFactory.getLogger(PoolWiring.class);
    private static final String FILE = "segments.kv";
    private static final long CLOSE_SECONDS = 60;

    /**
     * A pool and what ends with it.
     *
     * @param watch has somebody told of the segments that come to the device and leave it
     * @param close saves what would be lost, and lets files and threads go; to be called on the pool's thread after the last step
     */
    record Pool(MemPool pool, Consumer<Residence> watch, Closeable close) {}

    private final PoolSettings settings;
    private final Path dataDir;

    /** Takes the settings and the directory for what outlives a restart. */
    PoolWiring(PoolSettings settings, Path dataDir) {
        this.settings = settings;
        this.dataDir = dataDir;
    }

    /**
     * Returns what keys and values are: their dtype, and the inexact form that they may have been through. Part of every identity, so that nothing exact
     * and nothing inexact is taken for the other.
     */
    String form(KvLayout layout) {
        return layout.dtype()
                + codec(layout).map(codec -> " through " + codec.form()).orElse("");
    }

    private Optional<SegmentCodec> codec(KvLayout layout) {
        return settings.storedDtype() == StoredDtype.INT8 ? Optional.of(new Int8Codec(layout)) : Optional.empty();
    }

    /**
     * Makes the pool.
     *
     * @param node this node's number, 0 on a single node
     * @param storage the device's memory
     * @param identity of the model's keys and values, whatever must be equal for them to be, their {@linkplain #form form} included
     * @param wake told, on any thread, that a copy is done
     * @param events told of single segments, on the pool's thread
     * @throws SettingsException if a tier can't be had
     */
    Pool create(KvLayout layout, int node, SlotStorage storage, String identity, Runnable wake, PoolEvents events) {
        List<TieredMemPool.Below> below = new ArrayList<>();
        if (settings.hostBytes() > 0) {
            SegmentStore host = host(layout);
            below.add(new TieredMemPool.Below(Tier.HOST, host, policy(host.slots())));
        }
        if (settings.diskBytes() > 0) {
            SegmentStore disk = disk(layout, identity);
            below.add(new TieredMemPool.Below(Tier.DISK, disk, policy(disk.slots())));
        }
        if (below.isEmpty()) {
            LocalMemPool local = new LocalMemPool(
                    layout, node, storage, policy(storage.slots()), Copies.NONE, System::nanoTime, events);
            return new Pool(local, local::watch, () -> {});
        }
        AtomicInteger count = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(settings.ioThreads(), job -> {
            Thread thread = new Thread(job, "mover-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        TieredMemPool pool = new TieredMemPool(
                layout,
                node,
                storage,
                policy(storage.slots()),
                below,
                WritePolicy.valueOf(settings.writePolicy().name()),
                settings.selectiveHits(),
                new Mover(threads, System::nanoTime, wake),
                events);
        return new Pool(pool, pool::watch, () -> {
            pool.close();
            threads.shutdown(); // not interrupted: that would close a file under its readers
            awaitEnd(threads);
        });
    }

    private EvictionPolicy policy(int slots) {
        EvictionPolicies kind = EvictionPolicies.valueOf(settings.eviction().name());
        return settings.tenantQuota() < 1
                ? new TenantShares(kind::create, slots, settings.tenantQuota())
                : kind.create(slots);
    }

    private static void awaitEnd(ExecutorService threads) {
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("copies between tiers haven't ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SegmentStore host(KvLayout layout) {
        int slotBytes = storedBytes(layout);
        long slots = settings.hostBytes() / slotBytes;
        if (slots < 1 || slots > Integer.MAX_VALUE) {
            throw new SettingsException("pool.hostBytes " + settings.hostBytes() + " has room for " + slots
                    + " segments of " + slotBytes + " bytes; it must be 0 or have room for one");
        }
        try {
            return coded(new MemoryStore(BufferSlotStorage.direct(slotBytes, (int) slots)), layout);
        } catch (OutOfMemoryError e) {
            throw new SettingsException("pool.hostBytes " + settings.hostBytes()
                    + " can't be had: raise -XX:MaxDirectMemorySize or take less");
        }
    }

    private SegmentStore disk(KvLayout layout, String identity) {
        Path file = Objects.requireNonNullElse(settings.diskPath(), dataDir.resolve(FILE));
        int slotBytes = storedBytes(layout);
        int slots = DiskGeometry.slotsIn(settings.diskBytes(), slotBytes, layout.segmentTokens());
        if (slots < 1) {
            throw new SettingsException("pool.diskBytes " + settings.diskBytes() + " has no room for a segment of "
                    + slotBytes + " bytes; it must be 0 or have room for one");
        }
        DiskGeometry geometry = new DiskGeometry(digest(identity), slotBytes, layout.segmentTokens(), slots);
        try {
            FileStore store = FileStore.open(file, geometry, OnMismatch.START_AFRESH);
            store.freshReason()
                    .ifPresent(
                            reason -> log.warn("the segments in {} are of no use and were dropped: {}", file, reason));
            if (store.damaged() > 0) {
                log.atWarn()
                        .addKeyValue("file", file)
                        .addKeyValue("records", store.damaged())
                        .log("records were torn; their segments are lost and will be computed again");
            }
            log.atInfo()
                    .addKeyValue("file", file)
                    .addKeyValue("slots", slots)
                    .addKeyValue("segments", store.found().size())
                    .addKeyValue("damaged", store.damaged())
                    .log("disk tier");
            return coded(store, layout);
        } catch (IOException e) {
            throw new SettingsException("pool.diskPath " + file + " can't be used: " + e.getMessage());
        } catch (UncheckedIOException e) {
            throw new SettingsException("pool.diskPath " + file + " can't be used: " + e.getCause());
        }
    }

    /** Returns the bytes of a segment as a lower tier keeps it. */
    private int storedBytes(KvLayout layout) {
        return codec(layout).map(SegmentCodec::codedBytes).orElse(layout.segmentBytes());
    }

    private SegmentStore coded(SegmentStore store, KvLayout layout) {
        return codec(layout)
                .<SegmentStore>map(codec -> new CodedStore(store, codec))
                .orElse(store);
    }

    private static byte[] digest(String identity) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

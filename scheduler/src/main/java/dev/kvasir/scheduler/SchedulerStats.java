package dev.kvasir.scheduler;

import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import java.util.List;

/**
 * Counts since the start, and what is so now.
 *
 * @param running sequences that run
 * @param waiting requests that wait, preempted ones included
 * @param steps steps that computed something
 * @param computedTokens tokens that those steps computed, prompts, generated tokens and recomputed ones; the difference of two
 *     snapshots divided by that of {@code steps} is the tokens of a step
 * @param promptTokens prompt tokens of the admitted requests
 * @param generatedTokens tokens delivered
 * @param preemptions sequences that lost their slots
 * @param lostSteps steps that came to nothing, since another node didn't answer for segments that it had lent
 * @param queriedTokens prompt tokens looked up in the prefix tree
 * @param deviceHitTokens of these, found on the device
 * @param hostHitTokens of these, found in the host tier
 * @param diskHitTokens of these, found in the disk tier
 * @param remoteHitTokens of these, read on other nodes
 * @param runnerNanos time inside the model runner
 * @param stepNanos time of all steps, the runner's included
 * @param tiers the pool's tiers, the device first
 */
public record SchedulerStats(
        int running,
        int waiting,
        long steps,
        long computedTokens,
        long promptTokens,
        long generatedTokens,
        long preemptions,
        long lostSteps,
        long queriedTokens,
        long deviceHitTokens,
        long hostHitTokens,
        long diskHitTokens,
        long remoteHitTokens,
        long runnerNanos,
        long stepNanos,
        List<TierReport> tiers) {
    public SchedulerStats {
        tiers = PoolReport.checkTiers(tiers);
    }

    /** Returns the slots of the device tier. */
    public PoolUsage pool() {
        return tiers.get(0).usage();
    }

    /**
     * Returns one tier.
     *
     * @throws IllegalArgumentException if the pool doesn't have it
     */
    public TierReport tier(Tier tier) {
        return tiers.stream()
                .filter(report -> report.tier() == tier)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the pool has no tier " + tier));
    }

    /** Returns the prompt tokens that were looked up and found, in whatever tier. */
    public long hitTokens() {
        return deviceHitTokens + hostHitTokens + diskHitTokens + remoteHitTokens;
    }

    /** Returns those found in {@code tier}. */
    public long hitTokens(Tier tier) {
        return switch (tier) {
            case DEVICE -> deviceHitTokens;
            case HOST -> hostHitTokens;
            case DISK -> diskHitTokens;
            case REMOTE -> remoteHitTokens;
        };
    }

    /** Returns the prompt tokens that were looked up in {@code tier}: those that no faster one had. */
    public long queriedTokens(Tier tier) {
        return switch (tier) {
            case DEVICE -> queriedTokens;
            case HOST -> queriedTokens - deviceHitTokens;
            case DISK -> queriedTokens - deviceHitTokens - hostHitTokens;
            case REMOTE -> queriedTokens - deviceHitTokens - hostHitTokens - diskHitTokens;
        };
    }

    /** Returns the same with another count of waiting requests. */
    public SchedulerStats withWaiting(int count) {
        return new SchedulerStats(
                running,
                count,
                steps,
                computedTokens,
                promptTokens,
                generatedTokens,
                preemptions,
                lostSteps,
                queriedTokens,
                deviceHitTokens,
                hostHitTokens,
                diskHitTokens,
                remoteHitTokens,
                runnerNanos,
                stepNanos,
                tiers);
    }
}

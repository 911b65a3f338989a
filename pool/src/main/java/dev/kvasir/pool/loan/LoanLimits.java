package dev.kvasir.pool.loan;

/**
 * What loans may take.
 *
 * @param segments most segments of one loan
 * @param loans most loans to one borrower
 * @param lentSlots most slots of this node's device that are lent at a time, a slot that is lent twice counted twice
 * @param leaseNanos how long nothing may be heard of a loan before it's ended
 * @param patienceNanos how long an answer is waited for
 */
public record LoanLimits(int segments, int loans, int lentSlots, long leaseNanos, long patienceNanos) {
    public LoanLimits {
        if (segments < 1 || loans < 1 || lentSlots < 0 || leaseNanos < 1 || patienceNanos < 1) {
            throw new IllegalArgumentException("loans can't be limited to " + segments + " segments, " + loans
                    + " at a time, " + lentSlots + " slots, " + leaseNanos + " ns, " + patienceNanos + " ns");
        }
    }
}

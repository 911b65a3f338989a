package dev.kvasir.pool.loan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import dev.kvasir.pool.loan.LoanMessage.Renew;
import dev.kvasir.pool.loan.LoanMessage.Return;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BorrowerTest {
    private static final long LEASE = 1_000;
    private static final long PATIENCE = 100;
    private static final int LENDER = 5;
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final SegmentId A = new SegmentId(0, 0, 0, 'A');
    private static final SegmentId B = new SegmentId(0, 0, 0, 'B');

    private long now;
    private boolean reachable = true;
    private final List<LoanMessage> said = new ArrayList<>();
    private final Borrower borrower = new Borrower(
            new LoanLimits(8, 8, 8, LEASE, PATIENCE),
            (node, message) -> {
                if (reachable) {
                    said.add(message);
                }
                return reachable;
            },
            () -> now);
    private final List<List<LentSegment>> answers = new ArrayList<>();
    private final List<LentSegment> used = new ArrayList<>();

    private void ask(SegmentId... ids) {
        int[] wanted = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wanted[i] = i;
        }
        borrower.ask(LENDER, ROOT, new int[16 * ids.length], wanted, ids, lent -> {
            answers.add(lent);
            lent.forEach(this::use);
        });
        borrower.checkInvariants();
    }

    private void use(LentSegment segment) {
        borrower.use(segment);
        used.add(segment);
    }

    private void lend(long request, long loan, int[] lent, int... slots) {
        borrower.onLend(LENDER, new Lend(request, loan, lent, slots));
        borrower.checkInvariants();
    }

    private LentSegment found(SegmentId id) {
        LentSegment segment = borrower.find(id);
        if (segment == null) {
            throw new AssertionError(id + " isn't on loan");
        }
        return segment;
    }

    /** Both nodes know of such a loan already: it belongs to a prompt that they compute together. */
    @Test
    void aLoanThatWasNotAskedForIsUsedAtOnce() {
        List<LentSegment> taken = borrower.accept(LENDER, 7, List.of(A, B), new int[] {3, 4});
        used.addAll(taken);
        borrower.checkInvariants();
        assertThat(found(B).place()).isEqualTo(new Borrowed.Segment(LENDER, 7, 4));
        used.addAll(borrower.accept(LENDER, 8, List.of(A, B), new int[] {5, 6}));
        borrower.checkInvariants();
        assertThat(found(B).place().loan()).as("the first one stays").isEqualTo(7);
        assertThat(said).containsExactly(new Return(8));
        borrower.refuse(LENDER, 7); // is used
        borrower.refuse(LENDER, 9);
        assertThat(said).containsExactly(new Return(8), new Return(9));
    }

    /** Of a node that says that a loan has ended the other ones stay. */
    @Test
    void aLoanThatHasEndedTakesNoOtherWithIt() {
        used.addAll(borrower.accept(LENDER, 7, List.of(A), new int[] {3}));
        used.addAll(borrower.accept(LENDER, 8, List.of(B), new int[] {4}));
        LentSegment gone = found(A);
        borrower.onEnded(LENDER, Set.of(7L));
        borrower.checkInvariants();
        assertThat(gone.isLost()).isTrue();
        assertThat(borrower.find(A)).isNull();
        assertThat(found(B).isLost()).isFalse();
        assertThat(borrower.isWorthAsking(LENDER)).isTrue();
        assertThat(borrower.lost()).isEqualTo(1);
    }

    @AfterEach
    void nothingIsLeftWhenAllUsesHaveEnded() {
        used.forEach(borrower::leave);
        now += PATIENCE;
        borrower.poll();
        borrower.checkInvariants();
        assertThat(borrower.isIdle()).isTrue();
        assertThat(borrower.find(A)).isNull();
        long loans = said.stream().filter(Renew.class::isInstance).count();
        now += LEASE;
        borrower.poll();
        assertThat(said.stream().filter(Renew.class::isInstance).count())
                .as("renewals of nothing")
                .isEqualTo(loans);
    }

    @Test
    void whatIsLentIsFoundUntilTheLastUseEnds() {
        ask(A, B);
        lend(1, 77, new int[] {0, 1}, 4, 6);
        LentSegment a = found(A);
        assertThat(a.place()).isEqualTo(new Borrowed.Segment(LENDER, 77, 4));
        assertThat(borrower.segment(a.reference())).isEqualTo(a.place());
        borrower.use(a);
        used.forEach(borrower::leave);
        used.clear();
        assertThat(borrower.find(B)).as("used by nobody").isNull();
        assertThat(said).hasSize(1);
        borrower.leave(a);
        assertThat(said).last().isEqualTo(new Return(77));
        assertThatIllegalStateException().isThrownBy(() -> borrower.leave(a));
        assertThatIllegalStateException().isThrownBy(() -> borrower.segment(a.reference()));
    }

    @Test
    void whatNobodyTakesGoesBackAtOnce() {
        borrower.ask(LENDER, ROOT, new int[16], new int[] {0}, new SegmentId[] {A}, answers::add);
        lend(1, 77, new int[] {0}, 4);
        assertThat(answers).singleElement().asList().hasSize(1);
        assertThat(said).last().isEqualTo(new Return(77));
    }

    @Test
    void anAnswerThatIsLateOrSaidTwiceOrAnothersGoesBack() {
        ask(A);
        borrower.onLend(LENDER + 1, new Lend(1, 11, new int[] {0}, new int[] {4}));
        assertThat(said).last().isEqualTo(new Return(11));
        now += PATIENCE;
        borrower.poll();
        assertThat(answers).containsExactly(List.of());
        lend(1, 77, new int[] {0}, 4);
        assertThat(said).last().isEqualTo(new Return(77));
        assertThat(answers).hasSize(1);
        assertThat(borrower.find(A)).isNull();
    }

    @Test
    void anAnswerAboutWhatWasNotAskedForIsNoLoan() {
        ask(A);
        lend(1, 77, new int[] {3, 0, 0}, 1, -4, -5);
        assertThat(answers).containsExactly(List.of());
        assertThat(said).last().isEqualTo(new Return(77));
    }

    @Test
    void aSegmentThatIsSaidTwiceInOneAnswerIsOne() {
        ask(A);
        lend(1, 77, new int[] {0, 0}, 4, 5);
        assertThat(answers).singleElement().asList().hasSize(1);
        assertThat(borrower.inUse()).isEqualTo(1);
    }

    @Test
    void whatIsAskedForTwiceAtATimeIsOneLoanOfBoth() {
        ask(A);
        ask(A, B);
        lend(1, 77, new int[] {0}, 4);
        lend(2, 78, new int[] {0, 1}, 4, 6);
        assertThat(answers.get(1)).hasSize(2);
        assertThat(found(A).place().loan()).isEqualTo(77);
        assertThat(borrower.borrowed()).isEqualTo(2);
    }

    @Test
    void aLoanWithNothingNewGoesBackAndTheOldOneStays() {
        ask(A);
        ask(A);
        lend(1, 77, new int[] {0}, 4);
        lend(2, 78, new int[] {0}, 4);
        assertThat(said).last().isEqualTo(new Return(78));
        assertThat(used).containsExactly(found(A), found(A));
    }

    @Test
    void whoCanNotBeAskedHasNothing() {
        reachable = false;
        ask(A);
        assertThat(answers).containsExactly(List.of());
    }

    @Test
    void whatIsUsedIsRenewedThriceALease() {
        ask(A);
        lend(1, 77, new int[] {0}, 4);
        for (int third = 0; third < 3; third++) {
            now += LEASE / 3 + 1;
            borrower.poll();
            borrower.poll();
        }
        assertThat(said.stream().filter(Renew.class::isInstance)).hasSize(3);
    }

    @Test
    void aSilentNodesSegmentsAreLostAndItIsNotAskedForALease() {
        ask(A);
        lend(1, 77, new int[] {0}, 4);
        ask(B);
        LentSegment a = found(A);
        borrower.onSilent(LENDER);
        borrower.checkInvariants();
        assertThat(a.isLost()).isTrue();
        assertThat(borrower.find(A)).isNull();
        assertThat(answers).as("what it was asked").hasSize(2).last().asList().isEmpty();
        assertThat(said).last().isEqualTo(new Return(77));
        assertThat(borrower.lost()).isEqualTo(1);
        assertThat(borrower.isWorthAsking(LENDER)).isFalse();
        assertThat(borrower.segment(a.reference()))
                .as("who reads it still can say which it was")
                .isEqualTo(a.place());
        now += LEASE;
        assertThat(borrower.isWorthAsking(LENDER)).isTrue();
    }

    /** While a lost one is still held, another node may lend the same segment. */
    @Test
    void aLostSegmentAndItsSuccessorAreTwo() {
        ask(A);
        lend(1, 77, new int[] {0}, 4);
        LentSegment lost = found(A);
        borrower.onLeft(LENDER);
        assertThat(borrower.isWorthAsking(LENDER)).isTrue();
        ask(A);
        lend(2, 5, new int[] {0}, 9);
        LentSegment successor = found(A);
        assertThat(successor).isNotSameAs(lost);
        assertThat(successor.reference()).isNotEqualTo(lost.reference());
        used.remove(lost);
        borrower.leave(lost);
        borrower.checkInvariants();
        assertThat(found(A)).isSameAs(successor);
    }

    @Test
    void aBrokenLinkEndsWhatWasAskedAndKeepsWhatIsLent() {
        ask(A);
        lend(1, 77, new int[] {0}, 4);
        ask(B);
        borrower.onLinkLost(LENDER);
        borrower.checkInvariants();
        assertThat(answers).hasSize(2);
        assertThat(found(A).isLost()).isFalse();
        assertThat(said.stream().filter(Borrow.class::isInstance)).hasSize(2);
    }
}

package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.Tier;
import java.util.List;

/** Several moves as one. */
record Moves(List<Move> moves) implements Move {
    @Override
    public boolean isDone() {
        return moves.stream().allMatch(Move::isDone);
    }

    @Override
    public int segments() {
        return moves.stream().mapToInt(Move::segments).sum();
    }

    @Override
    public int tokensFrom(Tier tier) {
        return moves.stream().mapToInt(move -> move.tokensFrom(tier)).sum();
    }

    @Override
    public int left() {
        return moves.stream().mapToInt(Move::left).sum();
    }

    @Override
    public int underWay() {
        return moves.stream().mapToInt(Move::underWay).sum();
    }

    @Override
    public void release() {
        moves.forEach(Move::release);
    }
}

package dev.kvasir.pool.eviction;

/** Something evictable whose owner is a test. */
final class TestLeaf implements Evictable {
    final long content;
    long lastUse;
    int hits;
    int segments;
    long tenant;

    TestLeaf(long content, long lastUse, int hits, int segments) {
        this.content = content;
        this.lastUse = lastUse;
        this.hits = hits;
        this.segments = segments;
    }

    @Override
    public long lastUse() {
        return lastUse;
    }

    @Override
    public int hits() {
        return hits;
    }

    @Override
    public long content() {
        return content;
    }

    @Override
    public int segments() {
        return segments;
    }

    @Override
    public long tenant() {
        return tenant;
    }

    @Override
    public String toString() {
        return "content " + content + " last used at " + lastUse + ", " + hits + " hits, " + segments + " segments";
    }
}

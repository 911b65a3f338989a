package dev.kvasir.engine.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.query.Predicate;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Picks the entries of {@code kvasir.segments} whose keys begin with the number of one of some nodes, or of none of them. Asked by every member. */
final class HeldBy implements Predicate<Object, Object>, IdentifiedDataSerializable {
    private static final long serialVersionUID = 1L;
    private static final int CLASS_ID = 1;
    private static final int MOST_NODES = 1 << 16;

    /** What Hazelcast knows our classes by: numbers, so that no message names a class. */
    static final int FACTORY_ID = 0x6b76;

    static final DataSerializableFactory FACTORY = id -> {
        if (id != CLASS_ID) {
            throw new IllegalArgumentException("nothing here has the number " + id);
        }
        return new HeldBy();
    };

    private int[] nodes = {};
    private boolean none;

    private HeldBy() {}

    /** Picks what a node holds. */
    static HeldBy node(int node) {
        HeldBy picks = new HeldBy();
        picks.nodes = new int[] {node};
        return picks;
    }

    /** Picks what none of these nodes holds. */
    static HeldBy noneOf(int[] nodes) {
        HeldBy picks = new HeldBy();
        picks.nodes = nodes.clone();
        picks.none = true;
        return picks;
    }

    @Override
    public boolean apply(Map.Entry<Object, Object> entry) {
        int node = entry.getKey() instanceof byte[] key ? SegmentEntry.node(key) : -1;
        return Arrays.stream(nodes).anyMatch(n -> n == node) != none;
    }

    @Override
    public int getFactoryId() {
        return FACTORY_ID;
    }

    @Override
    public int getClassId() {
        return CLASS_ID;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeIntArray(nodes);
        out.writeBoolean(none);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        int @Nullable [] read = in.readIntArray();
        if (read == null || read.length > MOST_NODES) {
            throw new IOException("no list of nodes");
        }
        nodes = read;
        none = in.readBoolean();
    }
}

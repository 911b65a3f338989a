package dev.kvasir.engine.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A patch says what changed and no more. */
class MergePatchTest {
    private static ObjectNode random(SplittableRandom random, int depth) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (int i = random.nextInt(5); i > 0; i--) {
            String name = "n" + random.nextInt(5);
            switch (random.nextInt(depth > 0 ? 4 : 3)) {
                case 0 -> node.put(name, random.nextInt(3));
                case 1 -> node.put(name, "t" + random.nextInt(3));
                case 2 -> node.putArray(name).add(random.nextInt(2));
                default -> node.set(name, random(random, depth - 1));
            }
        }
        return node;
    }

    @RandomizedTest(200)
    void makesTheOneOfTheOther(SplittableRandom random) {
        ObjectNode before = random(random, 3);
        ObjectNode after = random(random, 3);
        ObjectNode patch = MergePatch.between(before, after);
        assertThat(patch == null).isEqualTo(before.equals(after));
        ObjectNode page = before.deepCopy();
        apply(page, patch);
        assertThat(page).isEqualTo(after);
    }

    private static void apply(ObjectNode page, @Nullable ObjectNode patch) {
        if (patch != null) {
            MergePatch.apply(page, patch);
        }
    }

    @Test
    void saysNothingOfWhatIsAsItWas() {
        ObjectNode before = JsonNodeFactory.instance.objectNode().put("same", 1).put("gone", 2);
        before.putObject("inner").put("same", 3).put("changed", 4);
        ObjectNode after = JsonNodeFactory.instance.objectNode().put("same", 1);
        after.putObject("inner").put("same", 3).put("changed", 5);
        assertThat(String.valueOf(MergePatch.between(before, after)))
                .isEqualTo("{\"inner\":{\"changed\":5},\"gone\":null}");
    }
}

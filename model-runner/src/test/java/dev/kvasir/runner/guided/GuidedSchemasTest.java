package dev.kvasir.runner.guided;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.GuideState;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.synthetic.RandomSchemas;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import dev.kvasir.testing.RandomizedTest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Random schemas with random tokens among those that are allowed: the worst model there can be. */
class GuidedSchemasTest {
    private static final int END = 2045;
    private static Tokenizer tokenizer;
    private static GuideCompiler guides;

    @BeforeAll
    static void load() {
        tokenizer = HfTokenizer.load(Path.of("../models/kvasir-mini"));
        guides = new GuideCompiler(tokenizer, () -> 0);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @RandomizedTest(200)
    void everyTextIsValidOrTheBeginningOfOne(SplittableRandom random) throws Exception {
        ObjectNode schema = new RandomSchemas(random).next();
        ObjectNode spec = new ObjectMapper().createObjectNode();
        spec.set("schema", schema);
        Guide guide = guides.compile(new GuideSpec(spec.toString()));
        GuideState state = guide.start(new int[] {END});
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int limit = random.nextInt(1, 120);
        boolean complete = write(state, random, text, limit, false);
        if (!complete) {
            // What was cut must be the beginning of something valid: it is written to its end, the shortest way that is
            // seen.
            complete = write(state, random, text, 3000, true);
        }
        String json = text.toString(StandardCharsets.UTF_8);
        assertThat(complete).as("%s%n%s", schema, json).isTrue();
        JsonSchema validator =
                JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(schema);
        var errors = validator.validate(
                json, InputFormat.JSON, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true));
        assertThat(errors).as("%s%n%s", schema, json).isEmpty();
    }

    private static boolean write(
            GuideState state, SplittableRandom random, ByteArrayOutputStream text, int tokens, boolean homewards) {
        for (int i = 0; i < tokens; i++) {
            if (state.isOver()) {
                return true;
            }
            long[] allowed = state.allowed();
            int token = homewards ? closing(allowed, random) : any(allowed, random);
            if (token == END) {
                assertThat(state.isComplete()).isTrue();
                return true;
            }
            state.accept(token);
            text.writeBytes(tokenizer.bytesOf(token));
        }
        return false;
    }

    private static int any(long[] allowed, SplittableRandom random) {
        int count = 0;
        for (long word : allowed) {
            count += Long.bitCount(word);
        }
        assertThat(count).isPositive();
        int left = random.nextInt(count);
        for (int token = 0; ; token++) {
            if (isAllowed(allowed, token) && left-- == 0) {
                return token;
            }
        }
    }

    private static int closing(long[] allowed, SplittableRandom random) {
        if (isAllowed(allowed, END)) {
            return END;
        }
        String[] closers = random.nextInt(3) == 0 ? new String[0] : new String[] {"\"", "}", "]", "null", "nu"};
        for (String text : closers) {
            for (int token : tokenizer.encode(text, false)) {
                if (isAllowed(allowed, token)) {
                    return token;
                }
                break;
            }
        }
        return any(allowed, random);
    }

    private static boolean isAllowed(long[] allowed, int token) {
        return (allowed[token >> 6] >> token & 1) != 0;
    }
}

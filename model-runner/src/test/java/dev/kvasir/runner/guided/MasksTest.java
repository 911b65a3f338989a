package dev.kvasir.runner.guided;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.synthetic.RandomSchemas;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import dev.kvasir.testing.RandomizedTest;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Masks against the plain way to have them: every token is tried, byte by byte. */
class MasksTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOOL_CALL = 2046;
    private static final List<String> SPECS = List.of(
            "{\"any\": true}",
            "{\"oneOf\": [{\"without\": \"<tool_call>\"}, {\"sequence\": [{\"without\": \"<tool_call>\"}, {\"control\": \"<tool_call>\"}, {\"json\": \"object\"}]}]}",
            "{\"sequence\": [{\"without\": \"the \"}, {\"text\": \"the end\"}]}",
            "{\"sequence\": [{\"until\": \"a\"}, {\"repeat\": {\"regex\": \"[a-z ]+\"}, \"min\": 2, \"max\": 5}]}",
            "{\"grammar\": \"root ::= (word ' '?)+ | [0-9]* root2\\nroot2 ::= '(' root? ')'\\nword ::= [a-zA-Z]+\"}",
            "{\"regex\": \"(\\\\w+ ){3}\\\\w+\\\\.\"}");

    private static Tokenizer tokenizer;
    private static Masks masks;

    @BeforeAll
    static void load() {
        tokenizer = HfTokenizer.load(Path.of("../models/kvasir-mini"));
        masks = new Masks(new TokenTrie(tokenizer, Set.of(TOOL_CALL, TOOL_CALL + 1)), 1 << 20);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @RandomizedTest(60)
    void everyTokenIsThereThatCouldComeAndNoOther(SplittableRandom random) throws Exception {
        ObjectNode schema = JSON.createObjectNode();
        schema.set("schema", new RandomSchemas(random).next());
        JsonNode spec = random.nextInt(3) == 0 ? JSON.readTree(SPECS.get(random.nextInt(SPECS.size()))) : schema;
        Node grammar =
                new SpecCompiler(new Terminals(), Map.of("<tool_call>", TOOL_CALL), new Limits(() -> 0)).compile(spec);
        Threads threads = Threads.start(grammar);
        for (int step = 0; step < 25 && !threads.ways.isEmpty(); step++) {
            long[] words = new long[masks.trie().words()];
            masks.fill(threads, words);
            BitSet filled = BitSet.valueOf(words);
            BitSet plain = new BitSet();
            for (int token = 0; token < tokenizer.vocab(); token++) {
                if (!after(threads, token).isDead()) {
                    plain.set(token);
                }
            }
            assertThat(filled).as("%s after %d tokens", spec, step).isEqualTo(plain);
            int skip = random.nextInt(plain.cardinality());
            int next = plain.stream().skip(skip).findFirst().orElseThrow();
            threads = after(threads, next);
        }
    }

    private static Threads after(Threads before, int token) {
        if (token >= TOOL_CALL) {
            return before.token(token);
        }
        byte[] bytes = tokenizer.bytesOf(token);
        if (bytes.length == 0) {
            return Threads.behind(new Frame(new Node.Choice(List.of()), 0, null)); // nothing
        }
        Threads threads = before;
        for (byte b : bytes) {
            threads = threads.compute(b);
        }
        return threads;
    }
}

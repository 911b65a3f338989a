package dev.kvasir.runner.guided;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.Guides;
import dev.kvasir.runner.Tokenizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Compiles guides for one tokenizer. */
public final class GuideCompiler implements Guides {
    /** Characters of the specs whose guides are kept. */
    private static final long KEPT_CHARACTERS = 4L << 20;
    /** Memory for masks; the one for the states of a string comes on top. */
    private static final long MASK_BYTES = 128L << 20;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(256).build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final Tokenizer tokenizer;
    private final LongSupplier nanoTime;
    private final Masks masks;
    private final Terminals terminals = new Terminals();
    private final Map<String, Integer> control = new HashMap<>(); // tokens that steer, by their text
    private final Set<Integer> steering;

    private final WeightedCache<GuideSpec, Guide> kept = new WeightedCache<>(
            KEPT_CHARACTERS, guide -> 1000L + guide.spec().json().length());

    /**
     * Prepares the vocabulary, which takes a moment.
     *
     * @param nanoTime a monotonic clock, for the limit on a compilation's time
     */
    public GuideCompiler(Tokenizer tokenizer, LongSupplier nanoTime) {
        this.tokenizer = tokenizer;
        this.nanoTime = nanoTime;
        Set<String> texts = tokenizer.specialTexts();
        for (int token = 0; token < tokenizer.vocab(); token++) {
            if (texts.contains(tokenizer.textOf(token))) {
                control.put(tokenizer.textOf(token), token);
            }
        }
        steering = Set.copyOf(control.values());
        this.masks = new Masks(new TokenTrie(tokenizer, steering), MASK_BYTES);
    }

    @Override
    public @Nullable Guide known(GuideSpec spec) {
        return kept.get(spec);
    }

    @Override
    public Guide compile(GuideSpec spec) throws GuideException {
        Guide known = known(spec);
        if (known != null) {
            return known;
        }
        int missing = masks.trie().missingByte();
        if (missing >= 0) {
            throw new GuideException(String.format(
                    java.util.Locale.ROOT,
                    "this model's tokenizer has no token for the byte 0x%02x, so not every text can be written",
                    missing));
        }
        if (spec.json().length() > Limits.CHARACTERS) {
            throw new GuideException(
                    "it has " + spec.json().length() + " characters, and the most are " + Limits.CHARACTERS);
        }
        Limits limits = new Limits(nanoTime);
        Guide guide;
        try {
            JsonNode tree = MAPPER.readTree(spec.json());
            Node grammar = new SpecCompiler(terminals, control, limits).compile(tree);
            guide = new CompiledGuide(spec, grammar, masks, tokenizer, steering);
        } catch (JsonProcessingException e) {
            throw new GuideException("it is no JSON of at most 256 levels");
        } catch (StackOverflowError e) {
            throw new GuideException("it is nested too deeply");
        }
        return kept.put(spec, guide);
    }
}

package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatFormat;
import dev.kvasir.engine.openai.ChatRequest;
import dev.kvasir.engine.openai.CompletionFormat;
import dev.kvasir.engine.openai.CompletionFormat.Echo;
import dev.kvasir.engine.openai.CompletionRequest;
import dev.kvasir.engine.openai.CompletionRequest.Prompt;
import dev.kvasir.engine.openai.GuideRequest;
import dev.kvasir.engine.openai.PromptEncoder;
import dev.kvasir.engine.openai.ResponseFormat.Head;
import dev.kvasir.engine.openai.TokenText;
import dev.kvasir.engine.serving.GenerationOptions;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.engine.tools.ReplyParser;
import dev.kvasir.engine.tools.ReplyStyle;
import dev.kvasir.engine.tools.ToolFormat;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A request that is checked, tokenised and known to fit.
 *
 * @param id the answer's id, unique
 * @param guide what the answer must look like; null for any text
 */
record Prepared(
        String id,
        List<int[]> prompts,
        GenerationOptions options,
        AnswerFormat format,
        boolean stream,
        @Nullable String cacheSalt,
        @Nullable GuideRequest guide) {

    /** Makes a request ready to be generated; on whatever thread. */
    interface Preparation {
        Prepared prepare(Ready ready, ObjectNode body);
    }

    static Prepared chat(Ready ready, ObjectNode body) {
        ServedModel model = ready.serving().model();
        ChatRequest request = ChatRequest.of(body, vocab(model), ThreadLocalRandom.current()::nextLong);
        checkModel(model, request.model());
        ReplyStyle style = model.style();
        if (request.tools().mayCall() && !style.offersTools()) {
            throw ApiError.badField(
                    "tools",
                    "This model's chat template tells it of no tools; start the server with"
                            + " --set model.chatTemplate=FILE.");
        }
        PromptEncoder.Conversation prompt =
                ready.encoder().encode(request.messages(), request.templateVariables(), true);
        ready.encoder()
                .checkFits("messages", prompt.ids().length, request.options().maxTokens());
        String id = newId("chatcmpl-");
        Head head = head(id, model, request.model(), request.includeUsage());
        return new Prepared(
                id,
                List.of(prompt.ids()),
                request.tools().mayCall() || style.reasons()
                        ? request.options().withShown(model.replyTokens())
                        : request.options(),
                new ChatFormat(
                        head,
                        tokenText(model, request.logprobs()),
                        isGuided -> ReplyParser.of(
                                style.format(),
                                request.tools(),
                                style.reasons(),
                                prompt.thinks(),
                                isGuided,
                                () -> newCallId(style.format()))),
                request.stream(),
                request.cacheSalt(),
                request.guide(style, prompt.thinks()));
    }

    static Prepared completion(Ready ready, ObjectNode body) {
        ServedModel model = ready.serving().model();
        PromptEncoder encoder = ready.encoder();
        CompletionRequest request = CompletionRequest.of(body, vocab(model), ThreadLocalRandom.current()::nextLong);
        checkModel(model, request.model());
        List<int[]> prompts = new ArrayList<>();
        List<Echo> echoes = new ArrayList<>();
        for (Prompt prompt : request.prompts()) {
            int[] ids = encoder.encode(prompt);
            encoder.checkFits("prompt", ids.length, request.options().maxTokens());
            prompts.add(ids);
            if (request.echo()) {
                int[] offsets = request.logprobs() < 0 ? new int[0] : encoder.offsets(ids);
                echoes.add(new Echo(encoder.echo(prompt), ids, offsets));
            }
        }
        String id = newId("cmpl-");
        Head head = head(id, model, request.model(), request.includeUsage());
        return new Prepared(
                id,
                prompts,
                request.options(),
                new CompletionFormat(
                        head,
                        request.options().choices(),
                        echoes,
                        tokenText(model, request.logprobs()),
                        request.returnTokenIds()),
                request.stream(),
                request.cacheSalt(),
                request.guide());
    }

    static void checkModel(ServedModel model, @Nullable String wanted) {
        if (wanted != null && !model.isCalled(wanted)) {
            throw ApiError.modelNotFound(wanted);
        }
    }

    static int vocab(ServedModel model) {
        return model.facts().config().vocab();
    }

    private static @Nullable TokenText tokenText(ServedModel model, int logprobs) {
        return logprobs < 0 ? null : new TokenText(model.tokenizer());
    }

    private static Head head(String id, ServedModel model, String name, boolean includeUsage) {
        String fingerprint = "fp_" + HexFormat.of().formatHex(model.facts().fingerprint(), 0, 5);
        return new Head(id, System.currentTimeMillis() / 1000, name, fingerprint, includeUsage);
    }

    /** Mistral's templates take ids of nine letters and digits alone. */
    private static String newCallId(ToolFormat format) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String digits = HexFormat.of().toHexDigits(random.nextLong());
        return format == ToolFormat.MISTRAL ? digits.substring(0, 9) : "call_" + digits;
    }

    /** Ours alone: an id that a client could choose might meet another one in the scheduler. */
    static String newId(String prefix) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextInt());
    }
}

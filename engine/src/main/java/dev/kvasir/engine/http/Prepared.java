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
import dev.kvasir.engine.openai.PromptLogprobs;
import dev.kvasir.engine.openai.ResponseFormat.Head;
import dev.kvasir.engine.openai.TokenDetails;
import dev.kvasir.engine.openai.TokenText;
import dev.kvasir.engine.serving.GenerationOptions;
import dev.kvasir.engine.serving.ServedModel;
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
 * @param background what answers before anything is computed; null where the answer waits for that
 */
record Prepared(
        String id,
        List<int[]> prompts,
        GenerationOptions options,
        AnswerFormat format,
        boolean stream,
        @Nullable String cacheSalt,
        @Nullable GuideRequest guide,
        @Nullable BackgroundAnswer background) {
    /** One whose client waits. */
    Prepared(
            String id,
            List<int[]> prompts,
            GenerationOptions options,
            AnswerFormat format,
            boolean stream,
            @Nullable String cacheSalt,
            @Nullable GuideRequest guide) {
        this(id, prompts, options, format, stream, cacheSalt, guide, null);
    }

    /** Returns the same whose client doesn't wait. */
    Prepared inBackground(BackgroundAnswer answer) {
        return new Prepared(id, prompts, options, format, stream, cacheSalt, guide, answer);
    }

    /** Makes a request ready to be generated; on whatever thread. */
    interface Preparation {
        Prepared prepare(Ready ready, ObjectNode body);
    }

    static Prepared chat(Ready ready, ObjectNode body) {
        ServedModel model = ready.serving().model();
        ChatRequest request = ChatRequest.of(body, vocab(model), ThreadLocalRandom.current()::nextLong);
        TokenDetails details = TokenDetails.of(body);
        Conversation conversation = Conversation.of(ready, request, "messages");
        ready.encoder()
                .checkFits(
                        "messages",
                        conversation.prompt().length,
                        request.options().maxTokens());
        String id = Ids.of("chatcmpl-");
        Head head = head(id, model, request.model(), request.includeUsage());
        return conversation.prepared(
                id,
                new ChatFormat(
                        head,
                        tokenText(model, request.logprobs()),
                        conversation.replies("call_"),
                        details.ids(),
                        promptLogprobs(model, details)),
                details.applyTo(request.options()));
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
        String id = Ids.of("cmpl-");
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
                        request.logprobs(),
                        request.details().ids(),
                        promptLogprobs(model, request.details())),
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

    static @Nullable TokenText tokenText(ServedModel model, int logprobs) {
        return logprobs < 0 ? null : new TokenText(model.tokenizer());
    }

    private static @Nullable PromptLogprobs promptLogprobs(ServedModel model, TokenDetails details) {
        return details.promptLogprobs() < 0
                ? null
                : new PromptLogprobs(new TokenText(model.tokenizer()), details.promptLogprobs());
    }

    private static Head head(String id, ServedModel model, String name, boolean includeUsage) {
        String fingerprint = "fp_" + HexFormat.of().formatHex(model.facts().fingerprint(), 0, 5);
        return new Head(id, System.currentTimeMillis() / 1000, name, fingerprint, includeUsage);
    }
}

package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.anthropic.AnthropicErrors;
import dev.kvasir.engine.anthropic.MessagesFormat;
import dev.kvasir.engine.anthropic.MessagesRequest;
import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.ChatRequest;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.serving.GenerationOptions;
import java.util.concurrent.ThreadLocalRandom;

/** Answers Anthropic's Messages API. */
final class MessagesHandlers {
    private static final String MESSAGES = "messages";

    private final Workers workers;
    private final GenerateHandler generate;

    MessagesHandlers(Workers workers, GenerateHandler generate) {
        this.workers = workers;
        this.generate = generate;
    }

    void addTo(Routes routes) {
        routes.errors(AnthropicErrors::body);
        routes.post("/v1/messages", Level.CLIENT, true, (exchange, body, release) -> {
            exchange.response().putHeader("request-id", exchange.id());
            generate.handle(exchange, body, release, MessagesHandlers::prepare);
        });
        routes.post("/v1/messages/count_tokens", Level.CLIENT, true, this::count);
        routes.errors(ErrorForm.OPENAI);
    }

    private static Prepared prepare(Ready ready, ObjectNode body) {
        ChatRequest request = MessagesRequest.of(
                body, Prepared.vocab(ready.serving().model()), ThreadLocalRandom.current()::nextLong);
        Conversation conversation = Conversation.of(ready, request, MESSAGES);
        int prompt = conversation.prompt().length;
        ready.encoder().checkFits(MESSAGES, prompt, null);
        // As many tokens as were asked for, or as the context has room for: clients must name a number, and name a
        // large one.
        int room = ready.serving().scheduler().maxTokens() - prompt;
        Integer wanted = request.options().maxTokens();
        boolean endsWithContext = wanted != null && wanted > room;
        GenerationOptions options = endsWithContext ? request.options().withMaxTokens(room) : request.options();
        String id = Ids.of("msg_");
        return conversation.prepared(
                id,
                new MessagesFormat(id, request.model(), prompt, endsWithContext, conversation.replies("toolu_")),
                options);
    }

    private void count(Exchange exchange, byte[] body, Runnable release) {
        exchange.response().putHeader("request-id", exchange.id());
        Ready ready = workers.ready();
        workers.work(
                exchange,
                body.length,
                () -> {
                    ChatRequest request = MessagesRequest.toCount(
                            JsonBody.parse(body), Prepared.vocab(ready.serving().model()));
                    return Conversation.of(ready, request, MESSAGES).prompt().length;
                },
                release,
                tokens ->
                        exchange.json(200, JsonNodeFactory.instance.objectNode().put("input_tokens", tokens)));
    }
}

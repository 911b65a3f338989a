package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatRequest;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.responses.ItemPage;
import dev.kvasir.engine.responses.ResponseStore;
import dev.kvasir.engine.responses.ResponseStore.Entry;
import dev.kvasir.engine.responses.ResponsesFormat;
import dev.kvasir.engine.responses.ResponsesRequest;
import dev.kvasir.engine.responses.ResponsesRequest.Surroundings;
import dev.kvasir.engine.responses.StoredResponse;
import dev.kvasir.engine.serving.ServedModel;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers OpenAI's Responses API. */
final class ResponsesHandlers {
    private static final String INPUT = "input";
    private static final String ID = "response_id";
    private static final String PATH = "/v1/responses";
    private static final String ONE = PATH + "/{" + ID + "}";

    /** A short body may continue a long conversation. */
    private static final int ANY_WEIGHT = Integer.MAX_VALUE;

    private final Context loop;
    private final Workers workers;
    private final GenerateHandler generate;
    private final ResponseStore store;

    ResponsesHandlers(Context loop, DoorContext door, Workers workers, GenerateHandler generate) {
        this.loop = loop;
        this.workers = workers;
        this.generate = generate;
        this.store = door.responses;
    }

    void addTo(Routes routes) {
        routes.post(PATH, Level.CLIENT, true, this::create);
        routes.post(PATH + "/input_tokens", Level.CLIENT, true, this::count);
        routes.get(ONE, Level.CLIENT, false, this::get);
        routes.delete(ONE, Level.CLIENT, false, this::delete);
        routes.post(ONE + "/cancel", Level.CLIENT, false, this::cancel);
        routes.get(ONE + "/input_items", Level.CLIENT, false, this::inputItems);
    }

    private void create(Exchange exchange, byte[] body, Runnable release) {
        String tenant = exchange.tenant().id();
        generate.handle(exchange, body, ANY_WEIGHT, release, (ready, json) -> prepare(tenant, ready, json));
    }

    private Prepared prepare(String tenant, Ready ready, ObjectNode body) {
        ServedModel model = ready.serving().model();
        ResponsesRequest request = ResponsesRequest.of(body, surroundings(tenant, model));
        if (request.background() && !store.isOpen()) {
            throw ApiError.unsupported("background", "This server stores no responses (responses.maxStored is 0).");
        }
        ChatRequest chat = request.chat();
        Conversation conversation = Conversation.of(ready, chat, INPUT);
        ready.encoder()
                .checkFits(INPUT, conversation.prompt().length, chat.options().maxTokens());
        String id = Ids.of("resp_");
        ResponsesFormat format = new ResponsesFormat(
                id,
                System.currentTimeMillis() / 1000,
                request.repeated(),
                new ResponsesFormat.Parts(
                        Prepared.tokenText(model, chat.logprobs()),
                        conversation.replies("call_"),
                        text -> model.tokenizer().encode(text, false).length,
                        Ids::of),
                response -> keep(tenant, id, request, response));
        Prepared prepared = conversation.prepared(id, format);
        return request.background() ? prepared.inBackground(new Kept(tenant, id, request, format)) : prepared;
    }

    private boolean keep(String tenant, String id, ResponsesRequest request, ObjectNode response) {
        StoredResponse stored = StoredResponse.of(request.previousId(), response, request.input());
        if (request.background()) {
            store.update(tenant, id, new Entry(stored, null)); // unless it was deleted
            return true;
        }
        return store.put(tenant, id, new Entry(stored, null));
    }

    /** A response that is computed while nobody waits for it. */
    private final class Kept implements BackgroundAnswer {
        private final String tenant;
        private final String id;
        private final ResponsesRequest request;
        private final ResponsesFormat format;
        private @Nullable Consumer<Runnable> cancel;

        Kept(String tenant, String id, ResponsesRequest request, ResponsesFormat format) {
            this.tenant = tenant;
            this.id = id;
            this.request = request;
            this.format = format;
        }

        @Override
        public @Nullable ObjectNode begin(Consumer<Runnable> howToCancel) {
            cancel = howToCancel;
            ObjectNode queued = format.withStatus("queued");
            return store.put(tenant, id, entry(queued)) ? queued : null;
        }

        @Override
        public void progress() {
            store.update(tenant, id, entry(format.withStatus("in_progress")));
        }

        @Override
        public void cancelled() {
            cancel = null;
            store.update(tenant, id, entry(format.withStatus("cancelled")));
        }

        private Entry entry(ObjectNode response) {
            return new Entry(StoredResponse.of(request.previousId(), response, request.input()), cancel);
        }
    }

    private void count(Exchange exchange, byte[] body, Runnable release) {
        String tenant = exchange.tenant().id();
        Ready ready = workers.ready();
        workers.work(
                exchange,
                ANY_WEIGHT,
                () -> {
                    ChatRequest chat = ResponsesRequest.toCount(
                            JsonBody.parse(body),
                            surroundings(tenant, ready.serving().model()));
                    return Conversation.of(ready, chat, INPUT).prompt().length;
                },
                release,
                tokens -> exchange.json(
                        200,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("object", "response.input_tokens")
                                .put("input_tokens", tokens)));
    }

    private Surroundings surroundings(String tenant, ServedModel model) {
        return new Surroundings(
                Prepared.vocab(model), ThreadLocalRandom.current()::nextLong, Ids::of, id -> history(tenant, id));
    }

    /** Returns the items that led to a response, and its own. */
    private List<JsonNode> history(String tenant, String id) {
        List<Entry> chain = store.chain(tenant, id)
                .orElseThrow(() -> ApiError.previousNotFound(
                        "The response '" + shortened(id) + "', or one that it continues, is not stored here."));
        List<JsonNode> items = new ArrayList<>();
        for (Entry entry : chain) {
            if (entry.isRunning()) {
                throw ApiError.badField(
                        "previous_response_id", "The response '" + shortened(id) + "' is still being computed.");
            }
            items.add(entry.stored().inputItems());
            items.add(entry.stored().response().path("output"));
        }
        return items;
    }

    private void get(Exchange exchange) {
        Query query = Query.of(exchange.request());
        query.allow("include", "stream", "starting_after", "include_obfuscation");
        if ("true".equals(query.text("stream"))) {
            throw ApiError.unsupported("stream", "A stored response can't be streamed.");
        }
        exchange.send(
                200, "application/json", Buffer.buffer(find(exchange).stored().body()));
    }

    private void delete(Exchange exchange) {
        String id = exchange.named(ID);
        Entry entry = store.remove(exchange.tenant().id(), id).orElseThrow(() -> ApiError.noSuch("response", id));
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", "response")
                .put("deleted", true);
        if (entry.cancel() == null) {
            exchange.json(200, answer);
        } else {
            entry.cancel().accept(() -> loop.runOnContext(v -> exchange.json(200, answer)));
        }
    }

    private void cancel(Exchange exchange, byte[] body, Runnable release) {
        release.run();
        Entry entry = find(exchange);
        if (!entry.stored().response().path("background").asBoolean()) {
            throw ApiError.badRequest("Only responses with 'background' can be cancelled.");
        }
        if (entry.cancel() == null) {
            exchange.json(200, entry.stored().response());
            return;
        }
        entry.cancel()
                .accept(() -> loop.runOnContext(v -> Workers.deliver(
                        exchange,
                        exchange,
                        waiting -> waiting.json(200, find(waiting).stored().response()))));
    }

    private void inputItems(Exchange exchange) {
        Query query = Query.of(exchange.request());
        query.allow("limit", "order", "after", "include");
        String order = query.text("order");
        if (order != null && !order.equals("asc") && !order.equals("desc")) {
            throw ApiError.badField("order", "'order' must be asc or desc.");
        }
        ItemPage page = new ItemPage(
                query.integer("limit", 1, ItemPage.MOST, ItemPage.DEFAULT), "asc".equals(order), query.text("after"));
        StoredResponse stored = find(exchange).stored();
        workers.work(
                exchange,
                stored.input().length,
                () -> page.of(stored.inputItems()),
                () -> {},
                items -> exchange.json(200, items));
    }

    private Entry find(Exchange exchange) {
        String id = exchange.named(ID);
        return store.get(exchange.tenant().id(), id).orElseThrow(() -> ApiError.noSuch("response", id));
    }

    private static String shortened(String id) {
        return id.length() > 80 ? id.substring(0, 80) + ".." : id;
    }
}

package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.openai.Models;
import dev.kvasir.engine.openai.TokenizeRequest;
import dev.kvasir.engine.serving.ServedModel;
import java.util.ArrayList;
import java.util.List;

/** Answers what asks about the model and its tokenizer. */
final class ModelHandlers {
    static final String PREFIX = "/v1/models/";

    private final DoorContext door;
    private final Workers workers;

    ModelHandlers(DoorContext door, Workers workers) {
        this.door = door;
        this.workers = workers;
    }

    void list(Exchange exchange) {
        ServedModel model = workers.ready().serving().model();
        List<String> names = new ArrayList<>();
        names.add(model.name());
        names.addAll(model.aliases());
        exchange.json(200, Models.list(names, door.node.createdSeconds(), maxTokens()));
    }

    void one(Exchange exchange) {
        String name = Routes.below(PREFIX, exchange.request().path());
        if (!workers.ready().serving().model().isCalled(name)) {
            throw ApiError.modelNotFound(name);
        }
        exchange.json(200, Models.model(name, door.node.createdSeconds(), maxTokens()));
    }

    void tokenize(Exchange exchange, byte[] body, Runnable release) {
        Ready ready = workers.ready();
        workers.work(exchange, body.length, () -> tokenize(ready, body), release, answer -> exchange.json(200, answer));
    }

    private ObjectNode tokenize(Ready ready, byte[] body) {
        TokenizeRequest request = TokenizeRequest.of(JsonBody.parse(body));
        Prepared.checkModel(ready.serving().model(), request.model());
        String prompt = request.prompt();
        int[] ids = prompt != null
                ? ready.encoder().encode("prompt", prompt, request.addSpecialTokens())
                : ready.encoder()
                        .encode(request.messages(), request.templateVariables(), request.addGenerationPrompt())
                        .ids();
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("count", ids.length);
        answer.put("max_model_len", maxTokens());
        ArrayNode tokens = answer.putArray("tokens");
        for (int id : ids) {
            tokens.add(id);
        }
        return answer;
    }

    void detokenize(Exchange exchange, byte[] body, Runnable release) {
        ServedModel model = workers.ready().serving().model();
        workers.work(
                exchange, body.length, () -> detokenize(model, body), release, answer -> exchange.json(200, answer));
    }

    private static ObjectNode detokenize(ServedModel model, byte[] body) {
        TokenizeRequest.Detokenize request = TokenizeRequest.Detokenize.of(JsonBody.parse(body), Prepared.vocab(model));
        Prepared.checkModel(model, request.model());
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt", model.tokenizer().decode(request.tokens(), request.skipSpecialTokens()));
    }

    private int maxTokens() {
        return workers.ready().serving().scheduler().maxTokens();
    }
}

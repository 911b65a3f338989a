package dev.kvasir.engine.http;

import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatFormat.Replies;
import dev.kvasir.engine.openai.ChatRequest;
import dev.kvasir.engine.openai.PromptEncoder;
import dev.kvasir.engine.serving.GenerationOptions;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.engine.tools.ReplyParser;
import dev.kvasir.engine.tools.ReplyStyle;
import java.util.List;

/** A conversation that is checked and tokenised, whatever API it came by. */
record Conversation(ServedModel model, ChatRequest request, int[] prompt, boolean thinks) {
    /**
     * Tokenises a conversation.
     *
     * @param param the field that has the messages, for errors
     */
    static Conversation of(Ready ready, ChatRequest request, String param) {
        ServedModel model = ready.serving().model();
        Prepared.checkModel(model, request.model());
        if (request.tools().mayCall() && !model.style().offersTools()) {
            throw ApiError.badField(
                    "tools",
                    "This model's chat template tells it of no tools; start the server with"
                            + " --set model.chatTemplate=FILE.");
        }
        PromptEncoder.Conversation prompt =
                ready.encoder().encode(param, request.messages(), request.templateVariables(), true);
        return new Conversation(model, request, prompt.ids(), prompt.thinks());
    }

    /**
     * Returns what makes parsers of replies.
     *
     * @param callPrefix what ids of calls begin with
     */
    Replies replies(String callPrefix) {
        ReplyStyle style = model.style();
        return isGuided -> ReplyParser.of(
                style.format(),
                request.tools(),
                style.reasons(),
                thinks,
                isGuided,
                () -> Ids.ofCall(style.format(), callPrefix));
    }

    /** Returns it ready to be generated. */
    Prepared prepared(String id, AnswerFormat format) {
        return prepared(id, format, request.options());
    }

    Prepared prepared(String id, AnswerFormat format, GenerationOptions options) {
        ReplyStyle style = model.style();
        boolean isParsed = request.tools().mayCall() || style.reasons();
        return new Prepared(
                id,
                List.of(prompt),
                isParsed ? options.withShown(model.replyTokens()) : options,
                format,
                request.stream(),
                request.cacheSalt(),
                request.guide(style, thinks));
    }
}

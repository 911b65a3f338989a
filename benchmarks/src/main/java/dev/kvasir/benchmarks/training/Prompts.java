package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.ToolListing;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.synthetic.ByteLevelBpe.AddedToken;
import java.util.ArrayList;
import java.util.List;

/** How a conversation is written for kvasir-mini: {@code <|user|>text<|end|><|assistant|>text<|end|>}, and the tokens for that. */
public final class Prompts {
    static final String END = "<|end|>";
    static final String END_OF_TEXT = "<|endoftext|>";

    static final List<AddedToken> ADDED_TOKENS = List.of(
            new AddedToken(END_OF_TEXT, true),
            new AddedToken(marker(Role.SYSTEM), true),
            new AddedToken(marker(Role.USER), true),
            new AddedToken(marker(Role.ASSISTANT), true),
            new AddedToken(marker(Role.TOOL), true),
            new AddedToken(END, true),
            new AddedToken("<tool_call>", false),
            new AddedToken("</tool_call>", false));

    /** The same in Jinja. Tools that are offered stand in the system turn, below what it says. */
    static final String CHAT_TEMPLATE = """
            {%- set system = messages[0].content if messages and messages[0].role == 'system' else '' -%}
            {%- if system or tools -%}
            {{- '<|system|>' + system -}}
            {%- if tools -%}
            {%- if system -%}{{- '\\n' -}}{%- endif -%}
            {{- 'Tools:\\n' -}}
            {%- for tool in tools -%}
            {%- set function = tool.function -%}
            {{- (function.description or '') + ' {"name": "' + function.name + '", "arguments": {' -}}
            {%- for name, schema in ((function.parameters or {}).properties or {}).items() -%}
            {{- '"' + name + '": ' + (schema.type or 'string') -}}{%- if not loop.last -%}{{- ', ' -}}{%- endif -%}
            {%- endfor -%}
            {{- '}}\\n' -}}
            {%- endfor -%}
            {%- endif -%}
            {{- '<|end|>' -}}
            {%- endif -%}
            {%- for message in messages -%}
            {%- if message.role not in ['system', 'user', 'assistant', 'tool'] -%}
            {{- raise_exception('unknown role ' + message.role) -}}
            {%- endif -%}
            {%- if message.role != 'system' or not loop.first -%}
            {{- '<|' + message.role + '|>' -}}
            {%- if message.content -%}{{- message.content -}}{%- endif -%}
            {%- for call in message.tool_calls or [] -%}
            {{- '<tool_call>{"name": "' + call.function.name + '", "arguments": ' -}}
            {{- call.function.arguments if call.function.arguments is string else call.function.arguments | tojson -}}
            {{- '}</tool_call>' -}}
            {%- endfor -%}
            {{- '<|end|>' -}}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}
            """;

    private Prompts() {}

    /** Returns the token that begins a turn. */
    static String marker(Role role) {
        return "<|" + role.apiName() + "|>";
    }

    /** Returns the turns as they are written, tools in the system turn. */
    public static List<Turn> withTools(Conversation conversation) {
        if (conversation.tools().isEmpty()) {
            return conversation.turns();
        }
        List<Turn> turns = new ArrayList<>(conversation.turns());
        if (turns.get(0).role() == Role.SYSTEM) {
            List<Part> parts = new ArrayList<>(turns.get(0).parts());
            parts.add(ToolListing.part("\n", conversation.tools()));
            turns.set(0, new Turn(Role.SYSTEM, parts));
        } else {
            turns.add(0, new Turn(Role.SYSTEM, List.of(ToolListing.part("", conversation.tools()))));
        }
        return turns;
    }
}

package dev.kvasir.runner.synthetic;

/** Chat templates (Jinja) that synthetic models come with. */
final class ChatTemplates {
    /** ChatML: every turn between {@code <|im_start|>role} and {@code <|im_end|>}; tools are listed in a system turn. */
    static final String CHAT_ML = """
            {%- if tools -%}
            {{- '<|im_start|>system\\nYou may call these tools:\\n' -}}
            {%- for tool in tools -%}
            {{- tool | tojson -}}{{- '\\n' -}}
            {%- endfor -%}
            {{- '<|im_end|>\\n' -}}
            {%- endif -%}
            {%- for message in messages -%}
            {%- if message.role not in ['system', 'user', 'assistant', 'tool'] -%}
            {{- raise_exception('unknown role ' + message.role) -}}
            {%- endif -%}
            {{- '<|im_start|>' + message.role + '\\n' -}}
            {%- if message.content -%}
            {{- message.content -}}
            {%- endif -%}
            {%- if message.tool_calls -%}
            {%- for call in message.tool_calls -%}
            {{- '\\n<tool_call>' -}}{{- call.function | tojson -}}{{- '</tool_call>' -}}
            {%- endfor -%}
            {%- endif -%}
            {{- '<|im_end|>\\n' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}
            {{- '<|im_start|>assistant\\n' -}}
            {%- endif -%}
            """;

    /** Llama 2's manner: instructions in brackets, answers closed by the end token. */
    static final String INSTRUCTIONS = """
            {{- bos_token -}}
            {%- for message in messages -%}
            {%- if message.role == 'assistant' -%}
            {{- ' ' + message.content + eos_token -}}
            {%- else -%}
            {{- '[INST] ' + message.content + ' [/INST]' -}}
            {%- endif -%}
            {%- endfor -%}
            """;

    private ChatTemplates() {}
}

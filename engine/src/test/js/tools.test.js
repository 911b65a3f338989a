// Tools and structured output through the official OpenAI client and the AI SDK, with the model in the box. Skipped for other models.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import OpenAI from "openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const baseURL = process.env.BASE_URL;
const client = new OpenAI({ baseURL, apiKey: process.env.API_KEY ?? "none-needed", maxRetries: 0 });
const sdk = createOpenAICompatible({ name: "kvasir", baseURL, supportsStructuredOutputs: true });
const model = "kvasir-mini";
let skip = false;

before(async () => {
  const models = await client.models.list();
  skip = models.data.some((one) => one.id === model) ? false : "another model is served";
});

const parameters = (name) => ({
  type: "object",
  properties: { [name]: { type: "string", maxLength: 20 } },
  required: [name],
  additionalProperties: false,
});
const tools = [
  { type: "function", function: { name: "get_weather", description: "Tells the weather.", parameters: parameters("city") } },
  { type: "function", function: { name: "play_song", description: "Plays a song.", parameters: parameters("song") } },
];
const question = { role: "user", content: "What is the weather in Paris?" };
const request = { model, temperature: 0, max_tokens: 100, tools, messages: [question] };

function only(name, fn) {
  test(name, async (t) => (skip ? t.skip(skip) : fn(t)));
}

only("openai: a tool is called and its result used", async () => {
  const { choices } = await client.chat.completions.create(request);
  assert.equal(choices[0].finish_reason, "tool_calls");
  const [call] = choices[0].message.tool_calls;
  assert.equal(call.function.name, "get_weather");
  assert.deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });
  const answer = await client.chat.completions.create({
    ...request,
    messages: [question, choices[0].message, { role: "tool", tool_call_id: call.id, content: '{"weather": "windy"}' }],
  });
  assert.equal(answer.choices[0].message.content, "The weather in Paris is windy.");
});

only("openai: a streamed call is the same call", async () => {
  const stream = client.chat.completions.stream(request);
  let pieces = 0;
  stream.on("tool_calls.function.arguments.delta", () => pieces++);
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].finish_reason, "tool_calls");
  assert.deepEqual(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments), { city: "Paris" });
  assert.ok(pieces > 1, `the arguments came in ${pieces} pieces`);
});

only("openai: a tool can be forced and forbidden", async () => {
  const forced = await client.chat.completions.create({
    ...request,
    tool_choice: { type: "function", function: { name: "play_song" } },
  });
  assert.equal(forced.choices[0].message.tool_calls[0].function.name, "play_song");
  const none = await client.chat.completions.create({ ...request, tool_choice: "none" });
  assert.equal(none.choices[0].message.tool_calls, undefined);
});

only("openai: runTools runs the tool", async () => {
  const asked = [];
  const runner = client.chat.completions.runTools({
    ...request,
    tools: [
      {
        type: "function",
        function: {
          ...tools[0].function,
          parse: JSON.parse,
          function: ({ city }) => {
            asked.push(city);
            return { weather: "sunny" };
          },
        },
      },
      tools[1],
    ].slice(0, 1),
  });
  assert.equal(await runner.finalContent(), "The weather in Paris is sunny.");
  assert.deepEqual(asked, ["Paris"]);
});

only("openai: an answer follows a schema", async () => {
  const answer = await client.chat.completions.create({
    model,
    max_tokens: 100,
    messages: [{ role: "user", content: "Hello!" }],
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "mood",
        strict: true,
        schema: {
          type: "object",
          properties: { mood: { enum: ["good", "bad"] }, since: { type: "integer", minimum: 1, maximum: 9 } },
          required: ["mood", "since"],
          additionalProperties: false,
        },
      },
    },
  });
  const { mood, since } = JSON.parse(answer.choices[0].message.content);
  assert.match(mood, /^(good|bad)$/);
  assert.ok(Number.isInteger(since) && since >= 1 && since <= 9);
});

function weather(asked) {
  return {
    get_weather: tool({
      description: "Tells the weather.",
      inputSchema: z.object({ city: z.string().max(20) }),
      execute: async ({ city }) => {
        asked.push(city);
        return { weather: "cold" };
      },
    }),
    play_song: tool({ description: "Plays a song.", inputSchema: z.object({ song: z.string().max(20) }) }),
  };
}

only("ai: generateText runs the tool", async () => {
  const asked = [];
  const { text } = await generateText({
    model: sdk(model),
    temperature: 0,
    prompt: question.content,
    tools: weather(asked),
    stopWhen: stepCountIs(3),
  });
  assert.deepEqual(asked, ["Paris"]);
  assert.equal(text, "The weather in Paris is cold.");
});

only("ai: streamText runs the tool", async () => {
  const asked = [];
  const result = streamText({
    model: sdk(model),
    temperature: 0,
    prompt: question.content,
    tools: weather(asked),
    stopWhen: stepCountIs(3),
  });
  let text = "";
  for await (const part of result.textStream) {
    text += part;
  }
  assert.deepEqual(asked, ["Paris"]);
  assert.equal(text, "The weather in Paris is cold.");
});

only("ai: generateObject gives an object of the schema", async () => {
  const { object } = await generateObject({
    model: sdk(model),
    maxOutputTokens: 100,
    schema: z.object({ mood: z.enum(["good", "bad"]), names: z.array(z.string().max(8)).max(2) }),
    prompt: "Hello!",
  });
  assert.match(object.mood, /^(good|bad)$/);
});

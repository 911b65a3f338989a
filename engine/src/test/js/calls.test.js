// Several calls in one reply, and calls that are cut, through the official OpenAI client and the AI SDK. The model is one of random weights, which must call
// and writes as many calls as chance has it; skipped for other models.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, streamText, tool } from "ai";
import { apiKey, baseURL, openai, served } from "./setup.js";

const client = openai();
const sdk = createOpenAICompatible({ name: "kvasir", baseURL, apiKey });
const messages = [{ role: "user", content: "Play." }];
const parameters = {
  type: "object",
  properties: { song: { enum: ["one", "two"] }, times: { type: "integer", minimum: 1, maximum: 9 } },
  required: ["song", "times"],
  additionalProperties: false,
};
const tools = ["play", "hum"].map((name) => ({ type: "function", function: { name, description: name, parameters } }));
let skip = false;
let model;
let several; // a request whose reply has several calls
let cut; // tokens after which the arguments of its first call are there in part

function check(calls) {
  assert.equal(new Set(calls.map((call) => call.id)).size, calls.length);
  for (const call of calls) {
    assert.match(call.function.name, /^(play|hum)$/);
    const { song, times } = JSON.parse(call.function.arguments);
    assert.match(song, /^(one|two)$/);
    assert.ok(times >= 1 && times <= 9);
  }
}

before(async () => {
  model = (await served()).model;
  if (model !== "tiny") {
    skip = "another model is served";
    return;
  }
  for (let seed = 1; seed <= 100 && !several; seed++) {
    const request = { model, messages, tools, tool_choice: "required", max_tokens: 400, temperature: 1, seed };
    const { choices } = await client.chat.completions.create(request);
    if (choices[0].finish_reason === "tool_calls" && choices[0].message.tool_calls.length > 1) {
      several = request;
    }
  }
  assert.ok(several, "no reply of a hundred had several calls");
  const { usage } = await client.chat.completions.create({ ...several, parallel_tool_calls: false });
  for (let tokens = usage.completion_tokens - 1; tokens > 0 && !cut; tokens--) {
    const { choices } = await client.chat.completions.create({ ...several, max_tokens: tokens });
    const calls = choices[0].message.tool_calls ?? [];
    if (calls.length === 1 && calls[0].function.arguments !== "" && !isJson(calls[0].function.arguments)) {
      cut = tokens;
    }
  }
  assert.ok(cut, "no length cut the arguments");
});

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function only(name, fn) {
  test(name, async (t) => (skip ? t.skip(skip) : fn(t)));
}

const shapes = (calls) => calls.map((call) => [call.function.name, call.function.arguments]);

only("openai: several calls come whole and streamed", async () => {
  const { choices } = await client.chat.completions.create(several);
  const calls = choices[0].message.tool_calls;
  assert.ok(calls.length > 1);
  check(calls);
  const final = await client.chat.completions.stream(several).finalChatCompletion();
  const streamed = final.choices[0].message.tool_calls;
  check(streamed);
  assert.deepEqual(shapes(streamed), shapes(calls));
});

only("openai: one call comes where no more may", async () => {
  const { choices } = await client.chat.completions.create({ ...several, parallel_tool_calls: false });
  assert.equal(choices[0].message.tool_calls.length, 1);
  check(choices[0].message.tool_calls);
});

only("openai: a call that is cut ends with its length", async () => {
  const whole = await client.chat.completions.create(several);
  const shorter = { ...several, max_tokens: cut };
  for (const choice of [
    (await client.chat.completions.create(shorter)).choices[0],
    (await collected(await client.chat.completions.create({ ...shorter, stream: true }))).choices[0],
  ]) {
    assert.equal(choice.finish_reason, "length");
    const begun = choice.message.tool_calls[0].function.arguments;
    assert.ok(whole.choices[0].message.tool_calls[0].function.arguments.startsWith(begun));
    assert.ok(!isJson(begun), begun);
  }
});

/** Puts a stream together by hand, since the client's own helper throws for a call that is cut. */
async function collected(stream) {
  const choice = { message: { tool_calls: [] } };
  for await (const { choices } of stream) {
    for (const piece of choices[0]?.delta.tool_calls ?? []) {
      const call = (choice.message.tool_calls[piece.index] ??= { function: { arguments: "" } });
      call.function.arguments += piece.function.arguments;
    }
    choice.finish_reason = choices[0]?.finish_reason ?? choice.finish_reason;
  }
  return { choices: [choice] };
}

only("openai: a malformed call of an earlier reply is taken as it is", async () => {
  const call = { id: "call_1", type: "function", function: { name: "play", arguments: '{"song": "on' } };
  const answer = await client.chat.completions.create({
    model,
    max_tokens: 8,
    messages: [
      ...messages,
      { role: "assistant", content: null, tool_calls: [call, { ...call, id: "call_2" }] },
      { role: "tool", tool_call_id: "call_1", content: "That is no JSON." },
      { role: "tool", tool_call_id: "call_2", content: "Nor is that." },
    ],
  });
  assert.equal(answer.choices.length, 1);
});

const sdkTools = Object.fromEntries(
  ["play", "hum"].map((name) => [name, tool({ description: name, inputSchema: jsonSchema(parameters) })]),
);
const sdkRequest = () => ({
  model: sdk(model),
  prompt: messages[0].content,
  tools: sdkTools,
  toolChoice: "required",
  temperature: 1,
  seed: several.seed,
  maxOutputTokens: 400,
  maxRetries: 0,
});

only("ai: several calls come whole and streamed", async () => {
  const { toolCalls, finishReason } = await generateText(sdkRequest());
  assert.ok(toolCalls.length > 1);
  assert.equal(finishReason, "tool-calls");
  assert.ok(toolCalls.every((call) => !call.invalid));
  const stream = streamText(sdkRequest());
  const streamed = await stream.toolCalls;
  assert.deepEqual(
    streamed.map((call) => [call.toolName, call.input]),
    toolCalls.map((call) => [call.toolName, call.input]),
  );
});

only("ai: a call that is cut is no call that could be run", async () => {
  const { toolCalls, finishReason } = await generateText({ ...sdkRequest(), maxOutputTokens: cut });
  assert.equal(finishReason, "length");
  assert.equal(toolCalls.length, 1);
  assert.ok(toolCalls[0].invalid);
});

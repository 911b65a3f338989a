// Anthropic's official client, unmodified, against a running server.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { anthropic, idle, served } from "./setup.js";

const client = anthropic();
let model;

before(async () => {
  model = (await served()).model;
});

const messages = [{ role: "user", content: "Tell me a story." }];
const request = (more) => ({ model, max_tokens: 12, messages, ...more });
const text = (message) => message.content.map((block) => block.text ?? "").join("");

test("answers and counts", async () => {
  const message = await client.messages.create(request());
  assert.equal(message.type, "message");
  assert.ok(["end_turn", "max_tokens"].includes(message.stop_reason));
  const { input_tokens } = await client.messages.countTokens({ model, messages });
  assert.equal(message.usage.input_tokens + message.usage.cache_read_input_tokens, input_tokens);
});

test("streams the same text as it answers", async () => {
  const whole = await client.messages.create(request({ temperature: 0 }));
  const stream = client.messages.stream(request({ temperature: 0 }));
  let streamed = "";
  stream.on("text", (delta) => (streamed += delta));
  const final = await stream.finalMessage();
  assert.equal(streamed, text(whole));
  assert.equal(text(final), text(whole));
  assert.equal(final.stop_reason, whole.stop_reason);
  assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
});

const tools = [
  {
    name: "play_song",
    description: "Plays a song.",
    input_schema: {
      type: "object",
      properties: { song: { enum: ["one", "two"] } },
      required: ["song"],
      additionalProperties: false,
    },
  },
];

test("calls a tool that it must, streamed and whole, and takes its result", async () => {
  const forced = request({ tools, tool_choice: { type: "any", disable_parallel_tool_use: true }, max_tokens: 100 });
  const stream = client.messages.stream(forced);
  let pieces = 0;
  stream.on("inputJson", () => pieces++);
  const streamed = await stream.finalMessage();
  assert.match(streamed.content[0].input.song, /^(one|two)$/);
  assert.ok(pieces > 0);
  const asked = await client.messages.create(forced);
  assert.equal(asked.stop_reason, "tool_use");
  const call = asked.content.find((block) => block.type === "tool_use");
  assert.match(call.input.song, /^(one|two)$/);
  const answer = await client.messages.create(
    request({
      tools,
      messages: [
        ...messages,
        { role: "assistant", content: asked.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "It plays." }] },
      ],
    }),
  );
  assert.equal(answer.type, "message");
});

test("an unknown model is a NotFoundError, a bad field a BadRequestError", async () => {
  await assert.rejects(client.messages.create(request({ model: "no-such-model" })), (error) => {
    assert.ok(error instanceof Anthropic.NotFoundError);
    assert.equal(error.error.error.type, "not_found_error");
    assert.ok(error.requestID);
    return true;
  });
  await assert.rejects(client.messages.create(request({ temperature: 9 })), (error) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.match(error.message, /temperature/);
    return true;
  });
});

test("a stream can be left", async () => {
  const stream = client.messages.stream(request({ max_tokens: 500, ignore_eos: true }));
  stream.on("streamEvent", (event) => {
    if (event.type === "content_block_delta") {
      stream.abort();
    }
  });
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
  await idle();
});

// OpenAI's Responses API through its official client, unmodified, against a running server.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import OpenAI from "openai";
import { idle, openai, served } from "./setup.js";

const client = openai();
let model;

before(async () => {
  model = (await served()).model;
});

const ask = (more) => client.responses.create({ model, input: "Tell me a story.", max_output_tokens: 12, ...more });

function checkUsage(usage) {
  assert.ok(usage.input_tokens > 0);
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens);
  assert.ok(Number.isInteger(usage.input_tokens_details.cached_tokens));
  assert.ok(Number.isInteger(usage.output_tokens_details.reasoning_tokens));
}

test("responds", async () => {
  const response = await ask();
  assert.equal(response.object, "response");
  assert.ok(["completed", "incomplete"].includes(response.status));
  assert.equal(typeof response.output_text, "string");
  checkUsage(response.usage);
});

test("streams the same text as it responds", async () => {
  const whole = await ask({ temperature: 0 });
  const stream = client.responses.stream({ model, input: "Tell me a story.", max_output_tokens: 12, temperature: 0 });
  let text = "";
  let next = 0;
  stream.on("event", (event) => {
    assert.equal(event.sequence_number, next++);
  });
  stream.on("response.output_text.delta", (event) => (text += event.delta));
  const final = await stream.finalResponse();
  assert.equal(text, whole.output_text);
  assert.equal(final.output_text, whole.output_text);
  assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
});

test("goes on from what is stored, and forgets what is deleted", async () => {
  const first = await ask({ instructions: "Be kind." });
  assert.deepEqual((await client.responses.retrieve(first.id)).output, first.output);
  const second = await ask({ input: "And then?", previous_response_id: first.id });
  assert.equal(second.previous_response_id, first.id);
  assert.ok(second.usage.input_tokens > first.usage.output_tokens);
  const items = [];
  for await (const item of client.responses.inputItems.list(second.id)) {
    items.push(item);
  }
  assert.equal(items[0].content[0].text, "And then?");
  await client.responses.delete(second.id);
  await assert.rejects(client.responses.retrieve(second.id), OpenAI.NotFoundError);
  await assert.rejects(ask({ previous_response_id: second.id }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, "previous_response_not_found");
    return true;
  });
});

test("calls a tool that it must, and takes its result", async () => {
  const tools = [
    {
      type: "function",
      name: "play_song",
      description: "Plays a song.",
      strict: true,
      parameters: {
        type: "object",
        properties: { song: { enum: ["one", "two"] } },
        required: ["song"],
        additionalProperties: false,
      },
    },
  ];
  const asked = await ask({ tools, tool_choice: "required", parallel_tool_calls: false, max_output_tokens: 100 });
  const [call] = asked.output.filter((item) => item.type === "function_call");
  assert.match(JSON.parse(call.arguments).song, /^(one|two)$/);
  const answer = await ask({
    tools,
    previous_response_id: asked.id,
    input: [{ type: "function_call_output", call_id: call.call_id, output: "It plays." }],
  });
  assert.ok(answer.usage.input_tokens > asked.usage.input_tokens);
});

test("follows a schema", async () => {
  const schema = {
    type: "object",
    properties: { mood: { enum: ["good", "bad"] } },
    required: ["mood"],
    additionalProperties: false,
  };
  const response = await ask({
    max_output_tokens: 100,
    text: { format: { type: "json_schema", name: "mood", strict: true, schema } },
  });
  assert.match(JSON.parse(response.output_text).mood, /^(good|bad)$/);
});

test("works in the background until it is cancelled", async () => {
  const queued = await ask({ background: true, max_output_tokens: 500, ignore_eos: true });
  assert.equal(queued.status, "queued");
  const cancelled = await client.responses.cancel(queued.id);
  assert.ok(["cancelled", "incomplete"].includes(cancelled.status), cancelled.status);
  await idle();
  assert.equal((await client.responses.retrieve(queued.id)).status, cancelled.status);
});

test("a bad field is a BadRequestError that names it, an unknown model a NotFoundError", async () => {
  await assert.rejects(ask({ input: [{ type: "computer_call" }] }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "input[0].type");
    return true;
  });
  await assert.rejects(ask({ model: "no-such-model" }), OpenAI.NotFoundError);
});

test("a stream can be left", async () => {
  const stream = await ask({ stream: true, max_output_tokens: 500, ignore_eos: true });
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") {
      stream.controller.abort();
    }
  }
  await idle();
});

// The official OpenAI client for Node, unmodified, against a running server.
//
//   BASE_URL  the server's address with /v1, e.g. http://127.0.0.1:8000/v1
//   MODEL     the model to ask for; the first that the server lists where it is unset
//   API_KEY   a key, where the server wants one
//   CHAT      "no" for a model without a chat template

import assert from "node:assert/strict";
import test, { before } from "node:test";
import OpenAI from "openai";

const baseURL = process.env.BASE_URL;
if (!baseURL) {
  throw new Error("set BASE_URL to the server's address, e.g. http://127.0.0.1:8000/v1");
}
const client = new OpenAI({ baseURL, apiKey: process.env.API_KEY ?? "none-needed", maxRetries: 0 });
const chatless = process.env.CHAT === "no" ? "the model has no chat template" : false;
const messages = [{ role: "user", content: "Tell me a story." }];
let model = process.env.MODEL;

before(async () => {
  if (!model) {
    const models = await client.models.list();
    model = models.data[0].id;
  }
});

function checkUsage(usage, completionTokens) {
  assert.ok(usage.prompt_tokens > 0);
  assert.equal(usage.completion_tokens, completionTokens);
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  const { cached_tokens, cached_tokens_by_tier } = usage.prompt_tokens_details;
  assert.ok(Number.isInteger(cached_tokens));
  const { device, host, disk } = cached_tokens_by_tier;
  assert.equal(device + host + disk, cached_tokens);
}

test("lists and retrieves models", async () => {
  const one = await client.models.retrieve(model);
  assert.equal(one.id, model);
  assert.equal(one.object, "model");
});

test("completes", async () => {
  const answer = await client.completions.create({ model, prompt: "Once upon a time", max_tokens: 8, ignore_eos: true });
  assert.equal(answer.object, "text_completion");
  assert.equal(answer.choices[0].finish_reason, "length");
  assert.equal(typeof answer.choices[0].text, "string");
  checkUsage(answer.usage, 8);
});

test("streams the same text as it completes", async () => {
  const request = { model, prompt: "Once upon a time", max_tokens: 12, temperature: 0 };
  const whole = await client.completions.create(request);
  const stream = await client.completions.create({ ...request, stream: true, stream_options: { include_usage: true } });
  let text = "";
  let usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.text ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].text);
  checkUsage(usage, whole.usage.completion_tokens);
});

test("reuses a prompt that it has seen", async () => {
  const prompt = "The quick brown fox jumps over the lazy dog. ".repeat(8);
  await client.completions.create({ model, prompt, max_tokens: 1 });
  const again = await client.completions.create({ model, prompt, max_tokens: 1 });
  assert.ok(again.usage.prompt_tokens_details.cached_tokens > 0);
});

test("gives the same choices for the same seed", async () => {
  const request = { model, prompt: "Once", max_tokens: 8, n: 2, seed: 7, temperature: 1.2 };
  const texts = async () => (await client.completions.create(request)).choices.map((choice) => choice.text);
  assert.deepEqual(await texts(), await texts());
});

test("chats", { skip: chatless }, async () => {
  const answer = await client.chat.completions.create({ model, messages, max_completion_tokens: 8, ignore_eos: true });
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.choices[0].message.role, "assistant");
  assert.equal(typeof answer.choices[0].message.content, "string");
  checkUsage(answer.usage, 8);
});

test("streams a chat", { skip: chatless }, async () => {
  const stream = client.chat.completions.stream({ model, messages, max_completion_tokens: 8 });
  let text = "";
  stream.on("content", (delta) => (text += delta));
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.content, text);
  assert.ok(["stop", "length"].includes(final.choices[0].finish_reason));
});

test("an unknown model is a NotFoundError", async () => {
  await assert.rejects(client.completions.create({ model: "no-such-model", prompt: "a" }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
    return true;
  });
});

test("a bad field is a BadRequestError that names it", async () => {
  await assert.rejects(client.completions.create({ model, prompt: "a", temperature: -1 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "temperature");
    return true;
  });
});

test("a stream can be left", async () => {
  const stream = await client.completions.create({ model, prompt: "Once", max_tokens: 64, ignore_eos: true, stream: true });
  let chunks = 0;
  for await (const chunk of stream) {
    assert.equal(chunk.object, "text_completion");
    if (++chunks === 2) {
      stream.controller.abort();
    }
  }
  assert.ok(chunks >= 2);
  const metrics = new URL("/metrics", baseURL);
  const headers = process.env.API_KEY ? { authorization: `Bearer ${process.env.API_KEY}` } : {};
  // The server notices within its running step; the test runner's own limit ends a wait that never would.
  let running = 1;
  while (running > 0) {
    const text = await (await fetch(metrics, { headers })).text();
    running = Number(/^kvasir_num_requests_running\{[^}]*\} (\S+)$/m.exec(text)[1]);
  }
  assert.equal(running, 0);
});

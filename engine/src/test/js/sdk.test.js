// The AI SDK against a running server, whatever the model: chats, streams, embeddings, errors and leaving.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, streamText } from "ai";
import { apiKey, baseURL, idle, served } from "./setup.js";

const sdk = createOpenAICompatible({ name: "kvasir", baseURL, apiKey, includeUsage: true });
const prompt = "Tell me a story.";
let model;

before(async () => {
  model = (await served()).model;
});

const request = (more) => ({ model: sdk(model), prompt, maxOutputTokens: 12, temperature: 0, maxRetries: 0, ...more });

test("ai: a chat is the same streamed and whole", async () => {
  const whole = await generateText(request());
  assert.ok(["stop", "length"].includes(whole.finishReason));
  const stream = streamText(request());
  let text = "";
  for await (const piece of stream.textStream) {
    text += piece;
  }
  assert.equal(text, whole.text);
  assert.equal(await stream.finishReason, whole.finishReason);
  assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
  assert.ok(whole.usage.inputTokens > 0);
});

test("ai: embeds texts", async () => {
  const { embeddings } = await embedMany({ model: sdk.textEmbeddingModel(model), values: ["one", "two"], maxRetries: 0 });
  assert.equal(embeddings.length, 2);
  assert.equal(embeddings[0].length, embeddings[1].length);
});

test("ai: an unknown model is an APICallError", async () => {
  await assert.rejects(generateText(request({ model: sdk("no-such-model") })), (error) => {
    assert.ok(APICallError.isInstance(error));
    assert.equal(error.statusCode, 404);
    assert.match(error.message, /no-such-model/);
    return true;
  });
});

test("ai: a stream can be left", async () => {
  const abort = new AbortController();
  const stream = streamText(request({ maxOutputTokens: 400, temperature: 1, abortSignal: abort.signal }));
  for await (const part of stream.fullStream) {
    if (part.type === "text-delta") {
      abort.abort();
    }
  }
  await idle();
});

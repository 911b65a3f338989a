// What the official clients do when the server is busy: they try again by themselves. Needs a server that takes two requests at a time
// (scheduler.maxSequences=1, scheduler.maxQueued=1) and BUSY=yes; skipped otherwise.

import assert from "node:assert/strict";
import test from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";
import OpenAI from "openai";
import { anthropic, apiKey, baseURL, idle, metric, openai, served } from "./setup.js";

const refusals = () => metric("kvasir_http_requests_total", 'status="429"');

test("clients try again when the server is busy", { skip: process.env.BUSY !== "yes" && "the server isn't small" }, async () => {
  const { model, context } = await served();
  const occupied = new AbortController();
  const client = openai();
  // Three that never stop asking keep one running and one waiting.
  const occupants = [1, 2, 3].map(async () => {
    while (!occupied.signal.aborted) {
      try {
        const body = { model, prompt: "Once", max_tokens: context - 32, ignore_eos: true };
        await client.completions.create(body, { signal: occupied.signal });
      } catch (error) {
        if (!(error instanceof OpenAI.RateLimitError) && !occupied.signal.aborted) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  });
  while ((await refusals()) === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const messages = [{ role: "user", content: "Hello." }];
  const short = { model, max_tokens: 4, messages };
  const isRefused = async (Refusal, ask) => {
    for (;;) {
      try {
        await ask();
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
        assert.equal(error.status, 429);
        assert.equal(error.headers.get("retry-after"), "1");
        return;
      }
    }
  };
  await isRefused(OpenAI.RateLimitError, () => client.chat.completions.create(short));
  await isRefused(Anthropic.RateLimitError, () => anthropic().messages.create(short));
  const before = await refusals();
  const answers = [
    openai(20).chat.completions.create(short),
    openai(20).responses.create({ model, input: "Hello.", max_output_tokens: 16 }),
    anthropic(20).messages.create(short),
    generateText({
      model: createOpenAICompatible({ name: "kvasir", baseURL, apiKey })(model),
      messages,
      maxOutputTokens: 4,
      maxRetries: 8,
    }),
  ];
  while ((await refusals()) < before + 4) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  occupied.abort();
  await Promise.all(occupants);
  const [chat, response, message, text] = await Promise.all(answers);
  assert.equal(chat.object, "chat.completion");
  assert.equal(response.object, "response");
  assert.equal(message.type, "message");
  assert.equal(typeof text.text, "string");
  await idle();
});

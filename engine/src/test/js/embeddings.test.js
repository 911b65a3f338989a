// Embeddings by the official OpenAI client for Node, unmodified, against a running server. BASE_URL, MODEL and API_KEY as in client.test.js.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY ?? "none-needed", maxRetries: 0 });
let model = process.env.MODEL;

before(async () => {
  model ??= (await client.models.list()).data[0].id;
});

const length = (vector) => Math.hypot(...vector);

test("embeds texts, by default in base64, and decodes them to the same numbers", async () => {
  const input = ["The cat sat on the mat.", "Once upon a time"];
  const asked = await client.embeddings.create({ model, input });
  const plain = await client.embeddings.create({ model, input, encoding_format: "float" });
  assert.equal(asked.object, "list");
  assert.equal(asked.data.length, 2);
  assert.ok(asked.usage.prompt_tokens > 0);
  for (let i = 0; i < 2; i++) {
    assert.equal(asked.data[i].index, i);
    assert.ok(Math.abs(length(asked.data[i].embedding) - 1) < 1e-5);
    asked.data[i].embedding.forEach((value, j) => assert.ok(Math.abs(value - plain.data[i].embedding[j]) < 1e-4));
  }
});

test("cuts to dimensions and pools as it's told", async () => {
  const request = { model, input: "Once upon a time", encoding_format: "float" };
  const short = await client.embeddings.create({ ...request, dimensions: 8 });
  assert.equal(short.data[0].embedding.length, 8);
  assert.ok(Math.abs(length(short.data[0].embedding) - 1) < 1e-5);
  const last = await client.embeddings.create({ ...request, pooling: "last" });
  const mean = await client.embeddings.create({ ...request, pooling: "mean" });
  assert.notDeepEqual(last.data[0].embedding, mean.data[0].embedding);
});

test("says what is wrong with an input", async () => {
  await assert.rejects(client.embeddings.create({ model, input: [] }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "input");
    return true;
  });
});

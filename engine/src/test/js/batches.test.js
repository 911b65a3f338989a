// Files and batches by the official OpenAI client for Node, unmodified, against a running server. BASE_URL, MODEL and API_KEY as in client.test.js.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import OpenAI, { toFile } from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY ?? "none-needed", maxRetries: 0 });
let model = process.env.MODEL;

before(async () => {
  model ??= (await client.models.list()).data[0].id;
});

function line(custom_id, prompt) {
  const body = { model, prompt, max_tokens: 5, temperature: 0, ignore_eos: true };
  return JSON.stringify({ custom_id, method: "POST", url: "/v1/completions", body }) + "\n";
}

async function ended(id) {
  for (;;) {
    const batch = await client.batches.retrieve(id);
    if (["completed", "failed", "expired", "cancelled"].includes(batch.status)) {
      return batch;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("uploads requests, has them answered and reads the answers", async () => {
  const prompts = ["Once upon a time", "The cat", "Two birds"];
  const text = prompts.map((prompt, i) => line(`id-${i}`, prompt)).join("");
  const file = await client.files.create({ file: await toFile(Buffer.from(text), "requests.jsonl"), purpose: "batch" });
  assert.equal(file.bytes, Buffer.byteLength(text));
  const created = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/completions",
    completion_window: "24h",
    metadata: { from: "node" },
  });
  const batch = await ended(created.id);
  assert.equal(batch.status, "completed");
  assert.deepEqual(batch.request_counts, { total: 3, completed: 3, failed: 0 });
  assert.deepEqual(batch.metadata, { from: "node" });
  const content = await (await client.files.content(batch.output_file_id)).text();
  const answers = content.trim().split("\n").map((answer) => JSON.parse(answer));
  assert.deepEqual(answers.map((answer) => answer.custom_id), ["id-0", "id-1", "id-2"]);
  for (let i = 0; i < prompts.length; i++) {
    const alone = await client.completions.create({ model, prompt: prompts[i], max_tokens: 5, temperature: 0, ignore_eos: true });
    assert.equal(answers[i].response.body.choices[0].text, alone.choices[0].text);
  }
  const listed = [];
  for await (const one of client.batches.list()) {
    listed.push(one.id);
  }
  assert.ok(listed.includes(created.id));
  assert.equal((await client.files.delete(file.id)).deleted, true);
  await assert.rejects(client.files.retrieve(file.id), OpenAI.NotFoundError);
});

test("names the lines that are wrong", async () => {
  const file = await client.files.create({ file: await toFile(Buffer.from(line("a", "x") + "no json\n"), "bad.jsonl"), purpose: "batch" });
  const created = await client.batches.create({ input_file_id: file.id, endpoint: "/v1/completions", completion_window: "24h" });
  const batch = await ended(created.id);
  assert.equal(batch.status, "failed");
  assert.equal(batch.errors.data[0].line, 2);
});

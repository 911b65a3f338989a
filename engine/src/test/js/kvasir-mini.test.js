// What the model in the box is there for, through the official client. Skipped for other models.

import assert from "node:assert/strict";
import test, { before } from "node:test";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY ?? "none-needed", maxRetries: 0 });
const model = "kvasir-mini";
let skip = false;

before(async () => {
  const models = await client.models.list();
  skip = models.data.some((one) => one.id === model) ? false : "another model is served";
});

async function ask(messages) {
  const answer = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 400 });
  assert.equal(answer.choices[0].finish_reason, "stop");
  return answer.choices[0].message.content;
}

test("tells a story, goes on when asked and stops by itself", async (t) => {
  if (skip) {
    return t.skip(skip);
  }
  const messages = [{ role: "user", content: "Tell me a story about a fox." }];
  const story = await ask(messages);
  assert.ok(story.split(/\s+/).length >= 60, story);
  assert.match(story, /fox/);
  const more = await ask([...messages, { role: "assistant", content: story }, { role: "user", content: "What happened next?" }]);
  assert.ok(more.split(/\s+/).length >= 10, more);
});

test("answers from passages", async (t) => {
  if (skip) {
    return t.skip(skip);
  }
  const notes = [
    "Note: Anna has the lamp. The lamp is with Anna.",
    "Note: Tom is in the barn. In the barn you find Tom.",
    "Note: Mia likes plums. The plums will please Mia.",
    "",
  ].join("\n");
  assert.equal(await ask([{ role: "user", content: notes + "Who has the lamp?" }]), "Noted: The lamp is with Anna.");
  assert.equal(await ask([{ role: "user", content: notes + "Where is Tom?" }]), "Noted: Tom is in the barn.");
  assert.equal(await ask([{ role: "user", content: notes + "What does Mia like?" }]), "Noted: Mia likes plums.");
});

test("answers over two passages, and says when none tells", async (t) => {
  if (skip) {
    return t.skip(skip);
  }
  const notes = [
    "Note: Anna has the lamp. The lamp is with Anna.",
    "Note: In the barn is Tom. Tom is in the barn.",
    "Note: Anna is in the kitchen. In the kitchen you find Anna.",
    "Note: Tom owns the key. The key is with Tom.",
    "",
  ].join("\n");
  assert.equal(await ask([{ role: "user", content: notes + "Where is the one who has the lamp?" }]), "In the kitchen.");
  assert.equal(await ask([{ role: "user", content: notes + "What does the one in the barn have?" }]), "The key.");
  assert.equal(await ask([{ role: "user", content: notes + "What does Anna like?" }]), "Not stated.");
});

// What tests of a running server share.
//
//   BASE_URL  the server's address with /v1, e.g. http://127.0.0.1:8000/v1
//   MODEL     the model to ask for; the first that the server lists where it is unset
//   API_KEY   a key, where the server wants one

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

export const baseURL = process.env.BASE_URL;
if (!baseURL) {
  throw new Error("set BASE_URL to the server's address, e.g. http://127.0.0.1:8000/v1");
}
export const apiKey = process.env.API_KEY ?? "none-needed";

export function openai(maxRetries = 0) {
  return new OpenAI({ baseURL, apiKey, maxRetries });
}

export function anthropic(maxRetries = 0) {
  return new Anthropic({ baseURL: baseURL.replace(/\/v1$/, ""), apiKey, maxRetries });
}

/** Returns the served model: its name and the longest sequence. */
export async function served() {
  const { data } = await openai().models.list();
  const one = data.find((each) => each.id === process.env.MODEL) ?? data[0];
  return { model: one.id, context: one.max_model_len };
}

/** Returns the sum of a metric over the series whose labels have a text. */
export async function metric(name, label = "") {
  const headers = { authorization: `Bearer ${apiKey}` };
  const text = await (await fetch(new URL("/metrics", baseURL), { headers })).text();
  let sum = 0;
  for (const line of text.split("\n")) {
    if ((line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(label)) {
      sum += Number(line.slice(line.lastIndexOf(" ")));
    }
  }
  return sum;
}

/** Waits until nothing runs any more; the test runner's own limit ends a wait that never would. */
export async function idle() {
  while ((await metric("kvasir_num_requests_running")) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

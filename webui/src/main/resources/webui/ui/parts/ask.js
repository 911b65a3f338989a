// Makes a request of a conversation and its settings, sends it, and hands on what comes.
import { post, readEvents } from '../api.js';

function parsed(name, text) {
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new Error(`${name} is not JSON: ${e.message}`);
  }
}

function sampling(s) {
  const body = { max_tokens: s.max_tokens, temperature: s.temperature };
  if (s.top_p < 1) body.top_p = s.top_p;
  if (s.top_k > 0) body.top_k = s.top_k;
  if (s.min_p > 0) body.min_p = s.min_p;
  if (s.presence_penalty) body.presence_penalty = s.presence_penalty;
  if (s.frequency_penalty) body.frequency_penalty = s.frequency_penalty;
  if (s.seed !== '') body.seed = Number(s.seed);
  const stops = s.stop.split('\n').filter(Boolean);
  if (stops.length) body.stop = stops;
  return body;
}

/** Returns {path, body}. */
export function request(model, settings, turns) {
  const common = { model, ...sampling(settings), stream: true, stream_options: { include_usage: true } };
  if (settings.mode === 'completion') {
    const body = { ...common, prompt: turns.map((t) => t.content).join('') };
    if (settings.logprobs) body.logprobs = 5;
    return { path: '/v1/completions', body };
  }
  const messages = [];
  if (settings.system.trim()) messages.push({ role: 'system', content: settings.system });
  for (const turn of turns) {
    if (turn.error) continue;
    const message = { role: turn.role, content: turn.content };
    if (turn.calls?.length) {
      message.tool_calls = turn.calls;
      if (!turn.content) message.content = null;
    }
    if (turn.role === 'tool') message.tool_call_id = turn.callId;
    messages.push(message);
  }
  const body = { ...common, messages };
  if (settings.logprobs) Object.assign(body, { logprobs: true, top_logprobs: 5 });
  const schema = parsed('The schema', settings.schema);
  if (schema) body.response_format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  const tools = parsed('Tools', settings.tools);
  if (tools) {
    if (!Array.isArray(tools)) throw new Error('Tools must be a JSON array.');
    body.tools = tools.map((tool) => (tool.type ? tool : { type: 'function', function: tool }));
  }
  return { path: '/v1/chat/completions', body };
}

/** Streams the answer into {@code turn}; {@code onChange} is told of each piece. */
export async function ask({ path, body }, turn, onChange, signal) {
  const began = performance.now();
  const response = await post(path, body, signal);
  await readEvents(response, ({ data }) => {
    if (data === '[DONE]') return;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new Error(chunk.error.message);
    if (chunk.usage) turn.usage = chunk.usage;
    turn.request ||= chunk.id;
    const choice = chunk.choices?.[0];
    if (choice) {
      const delta = choice.delta || { content: choice.text };
      if (delta.content || delta.reasoning_content || delta.tool_calls) turn.ttft ??= performance.now() - began;
      if (delta.content) turn.content += delta.content;
      if (delta.reasoning_content) turn.thought = (turn.thought || '') + delta.reasoning_content;
      for (const call of delta.tool_calls || []) {
        const calls = (turn.calls ||= []);
        const known = (calls[call.index] ||= { id: '', type: 'function', function: { name: '', arguments: '' } });
        if (call.id) known.id = call.id;
        if (call.function?.name) known.function.name += call.function.name;
        if (call.function?.arguments) known.function.arguments += call.function.arguments;
      }
      for (const t of choice.logprobs?.content || []) {
        (turn.tokens ||= []).push([t.token, t.logprob, (t.top_logprobs || []).map((o) => [o.token, o.logprob])]);
      }
      (choice.logprobs?.tokens || []).forEach((token, i) => {
        (turn.tokens ||= []).push([token, choice.logprobs.token_logprobs[i], Object.entries(choice.logprobs.top_logprobs?.[i] || {})]);
      });
      if (choice.finish_reason) turn.finish = choice.finish_reason;
    }
    turn.total = performance.now() - began;
    onChange();
  });
}

// The server's API. The key is kept in the session's storage alone and travels in a header, never in a URL.
const KEY = 'kvasir.key';

export function key() {
  try {
    return sessionStorage.getItem(KEY) || '';
  } catch {
    return '';
  }
}

export function setKey(value) {
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the key lasts as long as nothing is asked for: the login comes again.
  }
}

export function headers(more = {}) {
  const all = { ...more };
  if (key()) all.authorization = 'Bearer ' + key();
  return all;
}

/** An answer that isn't 2xx, with the server's own words. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function fail(response) {
  let message = response.status + ' ' + response.statusText;
  try {
    message = (await response.json()).error.message || message;
  } catch {
    // Not our shape: a proxy's page, say.
  }
  throw new ApiError(response.status, message);
}

export async function get(path) {
  const response = await fetch(path, { headers: headers(), cache: 'no-store' });
  return response.ok ? response.json() : fail(response);
}

export async function getBytes(path) {
  const response = await fetch(path, { headers: headers(), cache: 'no-store' });
  return response.ok ? response.arrayBuffer() : fail(response);
}

export async function post(path, body, signal) {
  const response = await fetch(path, {
    method: 'POST',
    headers: headers({ 'content-type': 'application/json' }),
    body: JSON.stringify(body),
    signal,
  });
  return response.ok ? response : fail(response);
}

/** Reads server-sent events; {@code onEvent} gets {id, event, data}. Ends with the stream. */
export async function readEvents(response, onEvent) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    let end;
    while ((end = rest.indexOf('\n\n')) >= 0) {
      const event = { id: '', event: 'message', data: '' };
      for (const line of rest.slice(0, end).split('\n')) {
        const colon = line.indexOf(':');
        if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
      }
      rest = rest.slice(end + 2);
      if (event.data) onEvent(event);
    }
  }
}

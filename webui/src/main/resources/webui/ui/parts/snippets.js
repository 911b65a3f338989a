// The same request for a terminal and for three languages. Texts are quoted by each language's own rules.
const json = (value, indent = 2) => JSON.stringify(value, null, indent);

function shellQuote(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

function python(value, indent = '') {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return value.length ? `[${value.map((v) => python(v, indent)).join(', ')}]` : '[]';
  if (typeof value === 'object') {
    const inner = indent + '    ';
    return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${python(v, inner)}`).join(', ')}}`;
  }
  return JSON.stringify(value);
}

const NATIVE = new Set(['model', 'messages', 'prompt', 'temperature', 'top_p', 'max_tokens', 'seed', 'stop', 'stream', 'presence_penalty', 'frequency_penalty', 'response_format', 'tools', 'logprobs', 'top_logprobs', 'stream_options']);

export const LANGUAGES = ['curl', 'Java', 'Python', 'JavaScript'];

/** Returns code that sends this body; a key is asked of the environment, never written out. */
export function snippet(language, origin, path, body, needsKey) {
  const plain = { ...body };
  delete plain.stream;
  delete plain.stream_options;
  const chat = path.endsWith('/chat/completions');
  const text = chat ? 'choices[0].message.content' : 'choices[0].text';
  switch (language) {
    case 'curl':
      return `curl -s ${origin}${path} -H 'content-type: application/json'${needsKey ? ' -H "authorization: Bearer $KVASIR_KEY"' : ''} -d ${shellQuote(json(plain))}`;
    case 'Java':
      return `import java.net.URI;
import java.net.http.*;

var body = """
${json(plain).replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"').replace(/^/gm, '        ')}
        """;
var request = HttpRequest.newBuilder(URI.create("${origin}${path}"))
        .header("content-type", "application/json")
${needsKey ? '        .header("authorization", "Bearer " + System.getenv("KVASIR_KEY"))\n' : ''}        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
System.out.println(response.body());`;
    case 'Python': {
      const known = Object.entries(plain).filter(([k]) => NATIVE.has(k));
      const extra = Object.fromEntries(Object.entries(plain).filter(([k]) => !NATIVE.has(k)));
      const rows = known.map(([k, v]) => `    ${k}=${python(v)},`);
      if (Object.keys(extra).length) rows.push(`    extra_body=${python(extra)},`);
      return `${needsKey ? 'import os\n' : ''}from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=${needsKey ? 'os.environ["KVASIR_KEY"]' : '"none"'})
answer = client.${chat ? 'chat.completions' : 'completions'}.create(
${rows.join('\n')}
)
print(answer.${text})`;
    }
    default:
      return `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${needsKey ? 'process.env.KVASIR_KEY' : "'none'"} });
const answer = await client.${chat ? 'chat.completions' : 'completions'}.create(${json(plain)});
console.log(answer.${text});`;
  }
}

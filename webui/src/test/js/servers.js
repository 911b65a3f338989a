// Servers of this build, each a process of its own. KVASIR names the start script.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts one and returns when it serves. */
export async function serve(...options) {
  const data = mkdtempSync(join(tmpdir(), 'kvasir-webui-'));
  const child = spawn(process.env.KVASIR || 'bin/kvasir', ['serve', '--port', '0', '--set', `data.dir=${data}`, ...options], { stdio: ['ignore', 'pipe', 'pipe'], detached: false });
  let out = '';
  let err = '';
  child.stderr.on('data', (bytes) => { err = (err + bytes).slice(-20_000); });
  const url = await new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error('the server never became ready\n' + err)), 240_000);
    child.stdout.on('data', (bytes) => {
      out += bytes;
      const line = /^listening on (\S+)/m.exec(out);
      if (line) {
        clearTimeout(timer);
        done(line[1]);
      }
    });
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}\n${err}`)));
  });
  const gone = new Promise((done) => child.on('exit', done));
  return {
    url,
    pid: child.pid,
    /** As a crash would. */
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      child.kill('SIGKILL'); // nothing of it is kept
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

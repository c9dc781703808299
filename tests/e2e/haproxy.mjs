// An HAProxy of a test's own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { temporaryFolder, until, within } from './support.mjs';

const program = '/usr/sbin/haproxy';

export class HAProxy {
  /// Starts it on a socket file, which needs no free port. `configuration(socket)` returns its
  /// sections after `global` and `defaults`, where `socket` is what `bind` takes.
  static async start(configuration) {
    assert.ok(existsSync(program), `${program} is missing: apt-get install haproxy`);
    const proxy = new HAProxy();
    const folder = temporaryFolder();
    proxy.socket = join(folder, 'haproxy.sock');
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, `global\ndefaults\n${configuration(`unix@${proxy.socket}`)}`);
    proxy.child = spawn(program, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    process.once('exit', () => proxy.child.kill('SIGKILL'));
    for (const each of [proxy.child, proxy.child.stderr]) each.unref();
    let said = '';
    proxy.child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    const ended = once(proxy.child, 'exit').then(() => Promise.reject(new Error(said)));
    const there = until(
      () => proxy.get('/healthz').catch(() => ({})),
      ({ status }) => status === 200,
      () => `HAProxy: ${said}`,
    );
    await Promise.race([there, ended]);
    ended.catch(() => {});
    return proxy;
  }

  /// Asks on a connection of its own.
  async get(path) {
    const sent = http.get({ socketPath: this.socket, path, agent: false });
    const [answer] = await once(sent, 'response');
    let body = '';
    for await (const part of answer.setEncoding('utf8')) body += part;
    return { status: answer.statusCode, body };
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await within(ended, 'the end of HAProxy');
  }
}

// An nginx of a test's own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder, within } from './support.mjs';

const program = '/usr/sbin/nginx';

export class Nginx {
  /// Starts it on a socket file, which needs no free port; `url` leads there from a free one.
  /// `inHttp(socket)` returns what its configuration has in the section http, where `socket` is
  /// what `listen` takes.
  static async start(inHttp) {
    assert.ok(existsSync(program), `${program} is missing: apt-get install nginx-light`);
    const nginx = new Nginx();
    await nginx.#launch(inHttp);
    return nginx;
  }

  async #launch(inHttp) {
    const folder = temporaryFolder();
    this.socket = join(folder, 'nginx.sock');
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const files = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n');
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
${process.getuid() === 0 ? 'user root;' : ''}
events {}
http {
  access_log off;
  ${files}
  ${inHttp(`unix:${this.socket}`)}
}
`,
    );
    const watcher = watch(folder);
    this.child = spawn(program, ['-c', file, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
    process.once('exit', () => this.child.kill('SIGKILL'));
    for (const each of [this.child, this.child.stderr]) each.unref();
    let said = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    const ended = once(this.child, 'exit').then(() => Promise.reject(new Error(said)));
    const there = (async () => {
      while (!existsSync(this.socket)) await once(watcher, 'change');
      while (!(await this.#listens())) await pause(10); // the file is there a moment before
    })();
    await within(Promise.race([there, ended]), 'nginx');
    ended.catch(() => {});
    watcher.close();
    await this.#listen();
  }

  async #listens() {
    const attempt = net.connect(this.socket);
    try {
      await once(attempt, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      attempt.destroy();
    }
  }

  /// Gives it a free port.
  async #listen() {
    this.front = net.createServer((client) => {
      const there = net.connect(this.socket);
      client.pipe(there).pipe(client);
      for (const each of [client, there]) each.on('error', () => [client, there].map((e) => e.destroy()));
    });
    this.front.listen(0, '127.0.0.1').unref();
    await once(this.front, 'listening');
    this.url = `http://127.0.0.1:${this.front.address().port}`;
  }

  async stop() {
    this.front.close();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await within(ended, 'the end of nginx');
  }
}

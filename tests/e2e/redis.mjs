// A Redis of a test's own, which can be killed, hung and asked.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { heldPort } from './ports.mjs';
import { environment, run, within } from './support.mjs';

const script = fileURLToPath(new URL('../support/redis_server.sh', import.meta.url));

export class Redis {
  /// Starts a server; arguments are redis-server's own.
  static async start(...args) {
    const redis = new Redis();
    redis.args = args;
    redis.port = await heldPort();
    await redis.launch();
    return redis;
  }

  async launch() {
    this.child = spawn(script, [String(this.port), ...this.args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.exited = once(this.child, 'exit');
    // It ends with this process, whose end of the pipe it waits for.
    for (const each of [this.child, this.child.stdin, this.child.stdout]) each.unref();
    let text = '';
    const ready = new Promise((resolve, reject) => {
      this.child.stdout.setEncoding('utf8').on('data', (part) => {
        text += part;
        if (text.endsWith('\n')) resolve();
      });
      this.exited.then(() => reject(new Error('no Redis: is redis-server installed?')));
    });
    await within(ready, 'a Redis');
    this.pid = Number(text.trim().split(' ')[1]);
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /// Runs a command; returns what redis-cli prints.
  async ask(...words) {
    const options = { env: environment() };
    const { code, stdout, stderr } = await run('redis-cli', ['-p', String(this.port), ...words], options);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  /// Stops the process without ending it, and lets it go on.
  hang() {
    process.kill(this.pid, 'SIGSTOP');
  }
  goOn() {
    process.kill(this.pid, 'SIGCONT');
  }

  /// Kills it; `launch` starts it again on its port.
  async kill() {
    process.kill(this.pid, 'SIGKILL');
    await this.stop();
  }

  async stop() {
    this.child.stdin.end();
    await within(this.exited, 'the end of Redis');
  }
}

// A PostgreSQL of a test's own, queries to it, and a proxy in front of it that drops answers and
// holds questions back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { environment, run, within } from './support.mjs';

const script = fileURLToPath(new URL('../support/postgres_server.sh', import.meta.url));

export class Postgres {
  /// Starts a server. Settings are PostgreSQL's, NAME=VALUE. `standbyOf`: one that replicates another.
  static async start(settings = [], { standbyOf } = {}) {
    const server = new Postgres();
    const origin = standbyOf ? ['--standby-of', standbyOf.folder] : [];
    server.child = spawn(script, [...origin, ...settings], { stdio: ['pipe', 'pipe', 'inherit'] });
    server.exited = once(server.child, 'exit');
    // It ends with this process, whose end of the pipe it waits for.
    for (const each of [server.child, server.child.stdin, server.child.stdout]) each.unref();
    server.child.stdout.setEncoding('utf8');
    server.url = await server.#answer();
    server.folder = new URL(server.url.replace('postgres:///', 'postgres://x/')).searchParams.get('host');
    return server;
  }

  /// Returns the next line of the script, which it prints when PostgreSQL answers.
  async #answer() {
    let text = '';
    const ready = new Promise((resolve, reject) => {
      this.child.stdout.on('data', (part) => {
        text += part;
        if (text.endsWith('\n')) resolve();
      });
      this.exited.then(() => reject(new Error('no PostgreSQL: is postgresql-15 installed?')));
    });
    await within(ready, 'a PostgreSQL').finally(() => this.child.stdout.removeAllListeners('data'));
    return text.trim();
  }

  /// Creates a new database; returns its address.
  async database(name) {
    await this.ask(`CREATE DATABASE ${name}`);
    return this.url.replace('///postgres', `///${name}`);
  }

  /// Returns the rows of a query, a line each.
  ask(sql, url = this.url) {
    return ask(url, sql);
  }

  /// Kills one backend, after which PostgreSQL ends all of them and recovers.
  async crash() {
    const pid = await this.ask(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'hubbub' LIMIT 1",
    );
    process.kill(Number(pid), 'SIGKILL');
  }

  /// Kills the postmaster; its other processes notice that and end.
  kill() {
    this.#signal('SIGKILL');
  }

  /// Shuts it down in order, which ends all connections, and starts it again.
  async restart() {
    this.#signal('SIGINT');
    await this.launch();
  }

  #signal(name) {
    const file = readFileSync(`${this.folder}/data/postmaster.pid`, 'utf8');
    process.kill(Number(file.split('\n')[0]), name);
  }

  /// Starts it again once it has ended; returns when it answers.
  async launch() {
    this.child.stdin.write('again\n');
    await this.#answer();
  }

  async stop() {
    this.child.stdin.end();
    await within(this.exited, 'the end of PostgreSQL');
  }
}

/// Runs a statement in a transaction of its own, which stays open. Returns what ends it, and a
/// promise of its end.
export async function holding(url, sql) {
  const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.write(`BEGIN; ${sql}; \\echo held\n`);
  await within(once(child.stdout, 'data'), sql);
  return [() => child.stdin.end('COMMIT;\n'), within(ended, `the end of ${sql}`)];
}

/// Returns the rows of a query to the database at `url`, a line each.
export async function ask(url, sql) {
  const { code, stdout, stderr } = await run('psql', [url, '-XAtqc', sql], { env: environment() });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/// A proxy between a server and its PostgreSQL. Once `cut` is called, the next thing that the
/// server sends with that word reaches PostgreSQL, and the connection ends instead of the answer.
/// What `hold` names does not reach it until `release`.
export class DroppingProxy {
  /// `postgres` has the folder of PostgreSQL's socket, or is the address of a database there.
  static async start(postgres) {
    if (typeof postgres === 'string')
      postgres = { folder: new URL(postgres.replace('postgres:///', 'postgres://x/')).searchParams.get('host') };
    const proxy = new DroppingProxy();
    proxy.cuts = 0;
    proxy.listener = net.createServer((client) => proxy.carry(client, postgres)).listen(0, '127.0.0.1');
    await once(proxy.listener, 'listening');
    proxy.port = proxy.listener.address().port;
    return proxy;
  }

  carry(client, postgres) {
    const server = net.connect(`${postgres.folder}/.s.PGSQL.5432`);
    let dropping = false;
    client.on('data', async (data) => {
      if (this.armed?.length && data.includes(this.armed[0])) {
        this.armed.shift();
        dropping = true;
        ++this.cuts;
      }
      if (this.held && data.includes(this.held.word)) {
        client.pause();
        this.held.onHeld();
        await this.held.released;
        client.resume();
      }
      server.write(data);
    });
    server.on('data', (data) => {
      if (!dropping) return client.write(data);
      client.resetAndDestroy();
      server.destroy();
    });
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }

  /// By default only what commits: a batch's only round trip, or its second one. Several words cut
  /// one connection after the other, each at its word.
  cut(...words) {
    this.armed = words.length ? words : ['commit'];
  }

  /// Holds back whatever contains a word; resolves once there was something.
  hold(word) {
    const held = { word };
    held.released = new Promise((resolve) => (held.release = resolve));
    this.held = held;
    return within(new Promise((resolve) => (held.onHeld = resolve)), `${word} on its way to PostgreSQL`);
  }

  release() {
    this.held.release();
    this.held = undefined;
  }

  /// Returns the address of a database behind the proxy.
  address(database) {
    const url = new URL(database.replace('postgres:///', 'postgres://x/'));
    const options = encodeURIComponent(url.searchParams.get('options') ?? '');
    return `postgres://hubbub@127.0.0.1:${this.port}${url.pathname}?sslmode=disable&options=${options}`;
  }

  stop() {
    this.listener.close();
  }
}

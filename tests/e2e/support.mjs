// Servers under test: each on a free port of its own, with a database of its own. Every wait is for
// an event, with a generous deadline; nothing here sleeps.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { heldPort } from './ports.mjs';

/// How long any single wait may take before the test fails, in ms.
export const deadline = 30_000;

const binDir =
  process.env.HUBBUB_BIN_DIR ?? fileURLToPath(new URL('../../build/release/bin', import.meta.url));

export const binary = (name) => join(binDir, name);

/// True if the programs have a sanitizer, which takes memory of its own, and a pipe to look at
/// addresses.
export const sanitized = process.env.HUBBUB_SANITIZED === '1';
/// Options for a test that measures the server's memory, or uses up its descriptors.
export const unsanitized = { skip: sanitized && 'a sanitizer takes some of its own' };

/// True if what `Server.start` starts is several servers, which are used like one.
export const several = Number(process.env.HUBBUB_TEST_NODES ?? 1) > 1;
/// Options for a test that is about one server; `why` says what is promised of several.
export const ofOne = (why) => ({ skip: several && why });

/// Does something; on several servers again until it succeeds, since what one of them has decided
/// the others know a moment later.
export async function soon(act) {
  const until = Date.now() + deadline;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!several || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/// Asks again and again until `holds` of the answer; returns it.
export async function until(question, holds, what) {
  const seen = (async () => {
    for (;;) {
      const answer = await question();
      if (holds(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return within(seen, what);
}

/// How often a test that kills its server does so: HUBBUB_KILLS, for a soak.
export const killsWanted = (usual) => Number(process.env.HUBBUB_KILLS ?? usual);

/// Prints how far a soak is; quiet otherwise.
export function tellKill(kill, ofAll, acked) {
  if (!process.env.HUBBUB_KILLS) return;
  if (kill % 10 === 0 || kill === ofAll) console.log(`kill ${kill} of ${ofAll}, ${acked} messages acked`);
}

/// Settles as `promise` does, or fails with `what` after the deadline.
export function within(promise, what, ms = deadline) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const text = typeof what === 'function' ? what() : what;
      reject(new Error(`waited ${ms} ms for ${text}`));
    }, ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/// Makes a folder that is removed after the tests.
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'hubbub-e2e-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/// Returns the environment without any setting of the server except `settings`.
export function environment(settings = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('HUBBUB_'));
  return { ...Object.fromEntries(kept), ...settings };
}

/// Runs a program to its end: `{code, signal, stdout, stderr}`.
export async function run(program, args = [], options = {}) {
  const child = spawned(program, args, options);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  }
  const [code, signal] = await within(once(child, 'close'), `the end of ${program} ${args}`);
  return { code, signal, ...output };
}

const running = new Set();

/// Starts a program that is ended after the tests, however they end: one that a failed test leaves
/// behind keeps nobody waiting. Waits for it go through `within`.
function spawned(program, args, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  for (const each of [child, child.stdout, child.stderr]) each.unref();
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
process.setMaxListeners(0);

/// Fails unless `hubbub db check` finds no fault in the database of a server that is down: numbers
/// without gaps, dedupe records that lead to their messages, every word in the search.
export async function assertSound(server) {
  const { stdout, stderr } = await run(binary('hubbub'), ['db', 'check', '--db', server.database]);
  assert.match(stdout, /^nothing is wrong with \d+ messages\n$/, `${stdout}${stderr}`);
}

let schemas = 0;

/// Returns a database for one server: a file, or a schema of the PostgreSQL that
/// HUBBUB_TEST_POSTGRES names by a URL.
function newDatabase() {
  const postgres = process.env.HUBBUB_TEST_POSTGRES;
  if (!postgres) return join(temporaryFolder(), 'hubbub.db');
  const schema = `e2e_${process.pid}_${++schemas}`;
  return `${postgres}${postgres.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}`;
}

export class Server {
  /// Options: `args` after the program's own, `env` settings, `program` (`hubbub` or
  /// `hubbub-echo`), `database` (a new one unless named), `ulimit` (arguments of the shell's, before
  /// the program starts), `ca` (under TLS: the root certificate that its own is checked against),
  /// `path` (of the program, if it lies elsewhere). With HUBBUB_TEST_NODES it is a whole cluster,
  /// which is used like one server.
  static async start(options = {}) {
    const server = several
      ? new (await import('./cluster_server.mjs')).Cluster(options)
      : new Server(options);
    await server.launch();
    return server;
  }

  constructor({ args = [], env = {}, program = 'hubbub', database, ulimit, ca, path }) {
    this.ca = ca;
    this.path = path;
    this.program = program;
    this.ulimit = ulimit;
    this.args = args;
    this.env = env;
    this.database = database ?? newDatabase();
    this.port = 0;
    this.log = '';
  }

  async launch() {
    this.port ||= await heldPort();
    const fixed = this.program === 'hubbub' ? ['serve', '--db', this.database] : [];
    if (fixed.length && /^postgres/.test(this.database)) {
      this.folder ??= temporaryFolder();
      fixed.push('--search-index', join(this.folder, 'search.db'));
    }
    const args = [...fixed, '--port', String(this.port), ...this.args];
    const command = [this.path ?? binary(this.program), ...args];
    if (this.ulimit) command.unshift('bash', '-c', `ulimit ${this.ulimit} && exec "$@"`, 'bash');
    this.child = spawned(command[0], command.slice(1), { env: environment(this.env) });
    this.stdout = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    // Rejects if there is no such program.
    this.exited = once(this.child, 'exit');
    const ready = new Promise((resolve, reject) => {
      this.child.stdout.setEncoding('utf8').on('data', (text) => {
        this.stdout += text;
        const line = /^listening on (https?:\/\/\S+:(\d+))(, .*)?\n/.exec(this.stdout);
        if (line) resolve(line);
      });
      this.exited.then(
        ([code]) => reject(new Error(`${this.program} exited with ${code}: ${this.log}`)),
        reject,
      );
    });
    const what = () => `"listening on", got "${this.stdout}" and ${this.log}`;
    const [, url, port] = await within(ready, what);
    this.url = url;
    this.port = Number(port);
  }

  /// Asks the server to end, and checks that it exits in order.
  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    const [code, killedBy] = await within(this.exited, () => `exit after ${signal}: ${this.log}`);
    assert.deepEqual([code, killedBy], [0, null], `exit after ${signal}: ${this.log}`);
  }

  /// Kills the server.
  async kill() {
    this.child.kill('SIGKILL');
    await within(this.exited, 'the end of a killed server');
  }

  /// Starts it again on the same port and database.
  async restart() {
    await this.launch();
  }

  /// Resolves once the server has logged what `pattern` (a global one) matches, `count` times in
  /// all, from the place `from` of the log on.
  async logged(pattern, { count = 1, from = 0 } = {}) {
    const there = () => (this.log.slice(from).match(pattern) ?? []).length >= count;
    const { stderr } = this.child;
    let look;
    const wait = new Promise((resolve) => {
      look = () => there() && resolve();
      stderr.on('data', look);
      look();
    });
    try {
      await within(wait, () => `${pattern} in the log: ${this.log}`);
    } finally {
      stderr.off('data', look);
    }
  }

  get(path) {
    return request(this, 'GET', path);
  }

  post(path, body) {
    return request(this, 'POST', path, body);
  }

  /// Returns the value of a metric; of one with labels, their sum.
  async metric(name) {
    const lines = (await this.get('/metrics')).text.split('\n');
    const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    assert.notEqual(values.length, 0, `no metric ${name}`);
    return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /// Creates a room; returns its record.
  async createRoom(name) {
    const { status, body } = await this.post('/api/rooms', { name });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  /// Returns the whole history of a room over HTTP, oldest first.
  async history(roomId) {
    const messages = [];
    for (let more = true; more;) {
      const after = messages.at(-1)?.seq ?? 0;
      const { status, body } = await this.get(`/api/messages/${roomId}?after=${after}&limit=200`);
      assert.equal(status, 200, JSON.stringify(body));
      messages.push(...body.messages);
      more = body.has_more;
    }
    return messages;
  }
}

/// Returns the resident memory of a server in bytes.
export function memoryOf(server) {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]);
}

/// Makes one HTTP request on a connection of its own: `{status, headers, text, body}`, `body` being
/// the parsed JSON if it is JSON. An object as `body` is sent as JSON. `from`: the address of this
/// machine to connect from.
export function request(server, method, path, body, headers = {}, from = undefined) {
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  const data = body === undefined || isText ? body : JSON.stringify(body);
  const json = body === undefined || isText ? {} : { 'content-type': 'application/json' };
  const length = data === undefined ? {} : { 'content-length': Buffer.byteLength(data) };
  const answer = new Promise((resolve, reject) => {
    const options = {
      method,
      agent: false,
      headers: { ...json, ...length, ...headers },
      localAddress: from,
      ...(server.ca ? { ca: server.ca } : {}),
    };
    const sent = (server.ca ? https : http).request(`${server.url}${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text,
          body: parsed(text),
        });
      });
    });
    sent.on('error', reject);
    sent.end(data);
  });
  return within(answer, `${method} ${path}`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

let names = 0;

/// Returns a name that no other test of this process uses.
export const freshName = (stem = 'room') => `${stem}-${process.pid}-${++names}`;

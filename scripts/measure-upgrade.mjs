#!/usr/bin/env node
// Measures an upgrade under load: recoverable clients in rooms of ten send messages, somebody runs
// `hubbub upgrade`, and it is checked that nothing is lost or doubled and that all are back.
//
//   scripts/measure-upgrade.mjs                                     10,000 clients, 1,000 messages a second
//   scripts/measure-upgrade.mjs --clients 1000 --rate 100 --messages 0
//
// Options: --clients N, --rate MESSAGES_A_SECOND, --messages N (in the database before), --bin FOLDER,
// --seconds N (of load before and after); what follows -- are settings of the server. Exit status 1 if
// something was lost, doubled or refused, or a client did not come back with its session.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const WebSocket = createRequire(join(root, 'package.json'))('ws');
const { values: asked, positionals: settings } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '1000' },
    messages: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '10' },
    bin: { type: 'string', default: join(root, 'build/release/bin') },
  },
  allowPositionals: true,
});
const people = Number(asked.clients);
const rate = Number(asked.rate);
const stored = Number(asked.messages);
const load = Number(asked.seconds) * 1000;
const program = join(asked.bin, 'hubbub');

const folder = mkdtempSync(join(tmpdir(), 'hubbub-upgrade-'));
const database = join(folder, 'hubbub.db');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const faults = new Map();
const fault = (what) => faults.set(what, (faults.get(what) ?? 0) + 1);
const processes = new Set();
process.once('exit', () => {
  for (const pid of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/// Fills a database with messages in one room.
async function fill() {
  if (stored === 0) return;
  const file = join(folder, 'archive.jsonl');
  const out = createWriteStream(file);
  const start = Date.now() - stored * 1000;
  for (let i = 0; i < stored; ++i) {
    const at = new Date(start + i * 1000).toISOString();
    const content = `message ${i} about ${i % 977} things and ${i % 89} more, as people write them`;
    const line = { user_id: `user${i % 500}`, username: `user${i % 500}`, content, created_at: at };
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  await serve();
  const [pid] = processes;
  process.kill(pid, 'SIGTERM');
  while (processes.size > 0) await pause(20);
  url = undefined;
  spawnSync(program, ['db', 'import', '--db', database, '--room', 'archive', file], { stdio: 'inherit' });
  rmSync(file);
}

let url;
let log = '';
async function serve() {
  const args = ['serve', '--db', database, '--host', '127.0.0.1', '--port', '0', ...settings];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  processes.add(child.pid);
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  child.once('exit', () => processes.delete(child.pid));
  for await (const text of child.stdout.setEncoding('utf8')) {
    url = /listening on (http:\S+)/.exec(text)?.[1] ?? url;
    if (url) break;
  }
  if (!url) throw new Error(log);
}

const connectTimes = [];
let ready = 0;
let recovered = 0;
let lastBack = 0;
let firstLost = 0;

/// One client, which behaves as the official one does: comes back after half a second to one and a half,
/// with what recovery needs, and sends again what was not acked.
class Client {
  constructor(i) {
    this.name = `user${i}`;
    this.room = `room${Math.floor(i / 10)}`;
    this.seen = new Map(); // seq: how often told
    this.unacked = new Map(); // number: the packet's payload
    this.pending = new Map(); // ack id: client_id
    this.next = 0;
    this.ackId = 0;
    this.lastSeq = 0;
  }

  connect() {
    connectTimes.push(performance.now());
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    });
    this.socket = socket;
    this.open = false;
    socket.on('message', (data) => this.take(data.toString()));
    socket.on('unexpected-response', (_, answer) => fault(`status ${answer.statusCode}`));
    socket.on('error', (error) => fault(`${error.code ?? error.message}`));
    socket.on('close', () => this.onClose());
  }

  onClose() {
    if (done) return;
    if (this.open) --ready;
    this.open = false;
    if (firstLost === 0) firstLost = performance.now();
    setTimeout(() => this.connect(), 500 + Math.random() * 1000);
  }

  take(text) {
    if (text === '2') return this.socket.send('3');
    if (text[0] === '0') {
      const auth = { username: this.name, recover: true };
      if (this.pid) Object.assign(auth, { pid: this.pid, offset: this.offset });
      return this.socket.send(`40${JSON.stringify(auth)}`);
    }
    if (text.startsWith('40')) return this.onReady(JSON.parse(text.slice(2)));
    if (text.startsWith('42')) return this.onEvent(JSON.parse(text.slice(2)));
    if (text.startsWith('43')) {
      const start = text.indexOf('[');
      this.onAck(Number(text.slice(2, start)), JSON.parse(text.slice(start))[0]);
    }
    return undefined;
  }

  onReady({ sid, pid }) {
    if (this.pid === undefined) {
      this.joinId = ++this.ackId;
      this.socket.send(`42${this.joinId}["join_room",{"room":"${this.room}","history":0}]`);
    } else if (sid === this.sid) {
      ++recovered;
      this.isOpen();
    } else {
      fault('a session was not recovered');
    }
    this.sid = sid;
    this.pid = pid;
  }

  isOpen() {
    this.open = true;
    ++ready;
    lastBack = performance.now();
    for (const clientId of this.unacked.keys()) this.emit(clientId);
  }

  onEvent([name, payload, offset]) {
    if (typeof offset === 'string') this.offset = offset;
    if (name === 'offset') this.offset = payload;
    if (name === 'gap') fault('a gap');
    if (name !== 'new_message') return;
    this.lastSeq = Math.max(this.lastSeq, payload.seq);
    if (payload.username === this.name) {
      this.own ??= new Map();
      this.own.set(payload.seq, (this.own.get(payload.seq) ?? 0) + 1);
    } else {
      this.seen.set(payload.seq, (this.seen.get(payload.seq) ?? 0) + 1);
    }
  }

  onAck(id, answer) {
    if (id === this.joinId) {
      if (!answer.ok) return fault(`join: ${answer.error?.code}`);
      this.from = answer.room.last_seq;
      return this.isOpen();
    }
    const clientId = this.pending.get(id);
    this.pending.delete(id);
    if (!answer.ok) return fault(`send: ${answer.error?.code}`);
    this.unacked.delete(clientId);
    commits.push(Date.parse(answer.message.created_at));
    this.acked ??= new Set();
    this.acked.add(answer.message.seq);
    this.lastSeq = Math.max(this.lastSeq, answer.message.seq);
    return undefined;
  }

  say() {
    const clientId = `${this.name}-${++this.next}`;
    this.unacked.set(clientId, true);
    if (this.open) this.emit(clientId);
  }

  emit(clientId) {
    const id = ++this.ackId;
    this.pending.set(id, clientId);
    const message = { room: this.room, content: `what ${clientId} says`, client_id: clientId };
    this.socket.send(`42${id}["send_message",${JSON.stringify(message)}]`);
  }
}

let done = false;

/// Posts over HTTP, each time on a connection of its own, as long as the load lasts.
const commits = []; // times of storing, in ms
let slowestPost = 0;
async function post() {
  const body = JSON.stringify({ room: 'probe', content: 'probe', username: 'probe' });
  while (!done) {
    const begun = performance.now();
    await new Promise((resolve) => {
      const sent = http.request(
        `${url}/messages`,
        {
          method: 'POST',
          agent: false,
          headers: { 'content-type': 'application/json', 'content-length': body.length },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part) => (text += part));
          answer.on('end', () => {
            if (answer.statusCode !== 201 && answer.statusCode !== 200) fault(`POST ${answer.statusCode}`);
            else commits.push(Date.parse(JSON.parse(text).created_at));
            resolve();
          });
        },
      );
      sent.on('error', (error) => {
        fault(`POST ${error.code}`);
        resolve();
      });
      sent.end(body);
    });
    slowestPost = Math.max(slowestPost, performance.now() - begun);
    await pause(5);
  }
}

const until = async (there, what, ms = 120_000) => {
  const end = performance.now() + ms;
  while (!there()) {
    if (performance.now() > end) throw new Error(`${what} did not happen; ${JSON.stringify([...faults])}\n${log}`);
    await pause(20);
  }
};

await fill();
await serve();
const clients = Array.from({ length: people }, (_, i) => new Client(i));
for (const [i, client] of clients.entries()) {
  client.connect();
  if (i % 100 === 99) await pause(25);
}
await until(() => ready === people, 'all connected');
connectTimes.length = 0;

let turn = 0;
let due = performance.now();
const talking = setInterval(() => {
  for (const now = performance.now(); due < now; due += 1000 / rate) clients[turn++ % people].say();
}, 5);
const posting = Array.from({ length: 4 }, post);
await pause(load);

const begun = performance.now();
const [text, wrong] = await new Promise((resolve) => {
  execFile(program, ['upgrade', '--db', database, ...(process.env.MIGRATE ? ['--migrate'] : [])], (_, out, err) =>
    resolve([out, err]),
  );
});
const answered = performance.now();
if (!/^process \d+ serves now/.test(text)) throw new Error(`${text}${wrong}${log}`);
processes.add(Number(/\d+/.exec(text)[0]));
await until(() => recovered + (faults.get('a session was not recovered') ?? 0) >= people && ready === people, 'all back');
const back = lastBack;
await pause(load);
clearInterval(talking);
await until(() => clients.every((each) => each.unacked.size === 0), 'the last acks');
await pause(1000);
done = true;
await Promise.all(posting);

let lost = 0;
let doubled = 0;
let both = 0;
for (let r = 0; r < people / 10; ++r) {
  const members = clients.slice(r * 10, r * 10 + 10);
  const last = Math.max(...members.map((each) => each.lastSeq));
  for (const each of members) {
    for (let seq = each.from + 1; seq <= last; ++seq) {
      const times = each.seen.get(seq) ?? 0;
      const own = each.acked?.has(seq) ?? false;
      if (own && each.own?.has(seq)) ++both;
      if (times > 1) ++doubled;
      if (times === 0 && !own && !each.own?.has(seq)) ++lost;
    }
  }
  const sent = members.reduce((sum, each) => sum + each.next, 0);
  if (last - Math.min(...members.map((each) => each.from)) !== sent) fault('a room has not what was sent');
}
commits.sort((a, b) => a - b);
const changed = Date.parse(/^(\S+) info took_over: /m.exec(log)?.[1]);
const first = commits.findIndex((at) => at >= changed);
connectTimes.sort((a, b) => a - b);
let most = 0;
for (let i = 0, end = 0; i < connectTimes.length; ++i) {
  while (end < connectTimes.length && connectTimes[end] < connectTimes[i] + 1000) ++end;
  most = Math.max(most, end - i);
}
const ms = (value) => `${Math.round(value)} ms`;
const figures = {
  'clients': people,
  'messages in the database before': stored,
  'messages a second': rate,
  'messages sent': clients.reduce((sum, each) => sum + each.next, 0),
  'lost': lost,
  'doubled': doubled,
  'sent again, and told as well (docs/api.md)': both,
  'recovered': recovered,
  'faults': faults.size === 0 ? 'none' : JSON.stringify([...faults]),
  'hubbub upgrade took': ms(answered - begun),
  'no writer had the database for (the log)': `${/pause_ms=(\d+)/.exec(log)?.[1]} ms`,
  'from the last commit of the old process to the first of the new': ms(commits[first] - commits[first - 1]),
  'the slowest post over HTTP, on a new connection': ms(slowestPost),
  'from the first session closed to all back': ms(back - firstLost),
  'most connects in a second': most,
};
for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(66)} ${value}`);
const right = lost + doubled === 0 && faults.size === 0 && recovered === people;
for (const client of clients) client.socket.terminate();
process.exit(right ? 0 : 1);

// One user who makes a hundred thousand rooms, on several connections at once.
import assert from 'node:assert/strict';
import { frame, openFrames } from '../raw.mjs';
import { sanitized, within } from '../support.mjs';
import { connectionBytes, roomBytes } from './settings.mjs';
import { connectPacket } from './tokens.mjs';

// A sanitizer's server would take minutes.
const wanted = sanitized ? 10_000 : 100_000;
const connections = 20;
/// Joins under way on one connection: below `max_requests_per_socket`, so that it is the bounds on rooms
/// that have to hold.
const window = 80;
/// Rooms that may be awake: what `rate_rooms_per_user` lets through at once and in the time of the flood.
const roomsLetThrough = 2_000;

const refusals = ['limit_exceeded', 'overloaded', 'rate_limited'];
const ping = Buffer.from([0x81, 0x01, 0x32]);

/// Asks for one room after the other until the server ends the connection or `count` were asked for;
/// resolves to how many answers of each kind there were.
async function joinThem(server, from, name, count) {
  const tcp = await openFrames(server, '/socket.io/', { from });
  tcp.socket.removeAllListeners('data');
  tcp.write(frame(connectPacket('makes rooms')));
  const answers = {};
  let asked = 0;
  let answered = 0;
  const askMore = () => {
    const frames = [];
    for (; asked < count && asked - answered < window; ++asked) {
      const room = `flood ${name} ${asked}`;
      frames.push(frame(`42${asked}["join_room",{"room":"${room}","history":0}]`));
    }
    if (frames.length > 0) tcp.write(Buffer.concat(frames));
  };
  const take = (bytes) => {
    if (bytes.includes(ping)) tcp.write(frame('3'));
    const kinds = /43\d+\[\{"ok":(?:(true)|false,"error":\{"code":"(\w+)")/g;
    for (const [, ok, code] of bytes.toString('latin1').matchAll(kinds)) {
      const kind = ok ? 'ok' : code;
      answers[kind] = (answers[kind] ?? 0) + 1;
      ++answered;
    }
    askMore();
  };
  const done = new Promise((resolve) => {
    tcp.ending.then(resolve);
    // An answer that the network has cut in two is put together again.
    let rest = Buffer.alloc(0);
    tcp.socket.on('data', (bytes) => {
      const all = Buffer.concat([rest, bytes]);
      const end = all.lastIndexOf(0x5d) + 1; // `]` ends every packet that counts
      rest = all.subarray(end);
      take(all.subarray(0, end));
      if (answered >= count) resolve();
    });
  });
  askMore();
  const what = () => `the end of the flood; came: ${JSON.stringify(answers)}`;
  await within(done, what, 90_000);
  tcp.destroy();
  return { asked, answers };
}

/// Comes again whenever the server has had enough of it, until all were asked for.
async function flood(server, from, name) {
  const sum = {};
  for (let left = wanted / connections, i = 0; left > 0; ++i) {
    const { asked, answers } = await joinThem(server, from, `${name} ${i}`, left);
    left -= Math.max(asked, 1);
    for (const [kind, count] of Object.entries(answers)) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

export const roomFlood = {
  title: 'a hundred thousand rooms by one user',
  memory: () => 2 * connections * connectionBytes + roomsLetThrough * roomBytes,
  async run({ server, from }) {
    const floods = Array.from({ length: connections }, (_, i) => flood(server, from, i));
    let made = 0;
    for (const { ok = 0, ...others } of await Promise.all(floods)) {
      made += ok;
      for (const kind of Object.keys(others)) assert.ok(refusals.includes(kind), kind);
    }
    assert.ok(made > 0 && made <= roomsLetThrough, `${made} rooms were made`);
    assert.equal((await server.get('/readyz')).status, 200);
  },
};

// Connections that say what they have to say one byte at a time, and never come to its end.
import assert from 'node:assert/strict';
import { Tcp, frame, openFrames } from '../raw.mjs';
import { within } from '../support.mjs';
import { connectionBytes } from './settings.mjs';

const connections = 200;
/// Between two bytes, in ms: often enough that a connection never looks idle.
const pace = 200;

/// Writes `byte` again and again until the server has ended each connection.
async function dribble(connecting, byte) {
  const all = await Promise.all(connecting);
  const timer = setInterval(() => all.forEach((tcp) => tcp.write(byte)), pace);
  try {
    await within(Promise.all(all.map((tcp) => tcp.ending)), 'the end of all that dribble');
  } finally {
    clearInterval(timer);
    all.forEach((tcp) => tcp.destroy());
  }
  return all;
}

const beginning = async (server, from, text) => {
  const tcp = await Tcp.open(server, { from });
  tcp.write(text);
  return tcp;
};

const several = (open) => Array.from({ length: connections }, open);

const assertRefused = (all) =>
  all.forEach((tcp) => assert.doesNotMatch(tcp.text, /^HTTP\/1\.1 [23]/));

export const slowHeads = {
  title: 'heads that never end',
  memory: ({ max_header_bytes }) => connections * (connectionBytes + max_header_bytes),
  async run({ server, from }) {
    const head = 'GET /api/rooms HTTP/1.1\r\nHost: localhost\r\nX: ';
    assertRefused(await dribble(several(() => beginning(server, from, head)), 'x'));
  },
};

export const slowBodies = {
  title: 'bodies that never end',
  memory: ({ max_payload }) => connections * (connectionBytes + max_payload),
  async run({ server, from }) {
    const head = 'POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n{';
    assertRefused(await dribble(several(() => beginning(server, from, head)), ' '));
  },
};

export const slowFrames = {
  title: 'WebSocket messages that never end',
  memory: ({ max_payload }) => connections * (connectionBytes + max_payload),
  async run({ server, from }) {
    const open = async () => {
      const tcp = await openFrames(server, '/socket.io/', { from });
      tcp.write(frame('4', { length: 50_000 }));
      return tcp;
    };
    await dribble(several(open), 'x');
  },
};

export const slowFragments = {
  title: 'WebSocket messages whose last fragment never comes',
  memory: ({ max_payload }) => connections * (connectionBytes + max_payload),
  async run({ server, from }) {
    const open = async () => {
      const tcp = await openFrames(server, '/socket.io/', { from });
      tcp.write(frame('4', { fin: false }));
      return tcp;
    };
    await dribble(several(open), frame('x', { fin: false, opcode: 0 }));
  },
};

// Messages in so many pieces that what keeps account of them would cost more than they do.
import assert from 'node:assert/strict';
import { closeCode, frame, openFrames } from '../raw.mjs';
import { connectionBytes } from './settings.mjs';

const connections = 10;
const fragments = 10_000;
const emptyFragments = 100_000;

const first = (payload) => frame(payload, { fin: false });
const middle = (payload) => frame(payload, { fin: false, opcode: 0 });
const last = (payload) => frame(payload, { opcode: 0 });

// Made once: they are the same for all, and making them takes longer than sending them.
const manyOfOneByte = Buffer.concat(Array.from({ length: fragments }, () => middle('x')));
const thousandOfNothing = Buffer.concat(Array.from({ length: 1_000 }, () => middle('')));
const hundredBytes = middle('x'.repeat(100));

/// A message of the Engine.IO kind that the server has no use for, byte by byte: it is put together,
/// or its connection is closed. Either way no more than a message is held.
async function inPieces(server, from) {
  const tcp = await openFrames(server, '/socket.io/', { from });
  tcp.write(first('4'));
  tcp.write(manyOfOneByte);
  tcp.write(last('x'));
  // What it says, `4xxx…`, is no packet of Socket.IO.
  await closeCode(tcp);
  tcp.destroy();
}

/// Fragments with nothing in them, which no bound on a message's bytes ever stops. The message ends in
/// a violation, so that the connection is closed by then at the latest.
async function ofNothing(server, from) {
  const tcp = await openFrames(server, '/socket.io/', { from });
  tcp.write(first('9'));
  for (let i = 0; i < emptyFragments / 1_000; ++i) tcp.write(thousandOfNothing);
  tcp.write(last('x'));
  await closeCode(tcp);
  tcp.destroy();
}

/// More than a message may be, in pieces none of which is.
async function beyondThePayload(server, from, { max_payload }) {
  const tcp = await openFrames(server, '/socket.io/', { from });
  tcp.write(first('4'));
  for (let sent = 0; sent <= max_payload; sent += 100) tcp.write(hundredBytes);
  assert.ok([1009, 1008, undefined].includes(await closeCode(tcp)));
  tcp.destroy();
}

export const tinyFragments = {
  title: 'messages in ten thousand fragments',
  memory: ({ max_payload }) => 3 * connections * (connectionBytes + 2 * max_payload),
  async run({ server, from, settings }) {
    const each = Array.from({ length: connections }, () => [
      inPieces(server, from),
      ofNothing(server, from),
      beyondThePayload(server, from, settings),
    ]);
    await Promise.all(each.flat());
  },
};

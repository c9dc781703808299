// A member that reads too slowly, in a room that resyncs: the messages it got and the gaps it was
// told of cover everything, in order, and no answer to it was lost.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, several, within } from './support.mjs';
import { closeClients, connect, join, nextEvent, send, sendMany } from './clients.mjs';
import { EnginePolling, frame, openFrames, textFrames } from './raw.mjs';

let server;
before(async () => {
  server = await Server.start({
    args: [
      '--max-queue-bytes=300000',
      '--max-volatile-bytes=100000',
      '--slow-reader-policy=news-*=resync,strict-*=disconnect',
    ],
  });
});
after(() => server?.stop());
afterEach(closeClients);

const text = 'x'.repeat(4000);
const joinPacket = (room) => `420["join_room",${JSON.stringify(room)}]`;
const sendPacket = (room, id, content) =>
  `42${id}["send_message",${JSON.stringify({ room, content, client_id: `${room}-${id}` })}]`;

/// Returns what the packets say of one room's log: `[first, last]` of each message or gap, in
/// order; and the ids of the acks.
function told(packets) {
  const spans = [];
  const acks = [];
  for (const packet of packets) {
    const [, type, id, body] = /^4([23])(\d*)(\[.*)$/s.exec(packet) ?? [];
    if (type === undefined) continue;
    const [first, second] = JSON.parse(body);
    if (type === '3') {
      assert.equal(first.ok, true, packet.slice(0, 200));
      acks.push(Number(id));
      if (first.message) spans.push([first.message.seq, first.message.seq]);
    } else if (first === 'new_message') spans.push([second.seq, second.seq]);
    else if (first === 'gap') spans.push([second.from_seq, second.to_seq]);
  }
  return { spans, acks };
}

/// Resolves when a message has come to its end; it is among the last bytes.
function hasCome(tcp, { id }) {
  const isBegun = () => tcp.bytes.subarray(-50_000).includes(`"id":${id},`);
  const isWhole = () => textFrames(tcp.bytes).some((text) => text.includes(`"id":${id},`));
  return within(
    tcp.arrived(() => isBegun() && isWhole()),
    `message ${id}`,
  );
}

/// Talks in the room until the slow member has been told of gaps; it talks too, and reads nothing.
async function talk(alice, room, say) {
  const before = await server.metric('hubbub_gaps_total');
  let id = 0;
  while ((await server.metric('hubbub_gaps_total')) < before + 3) {
    await sendMany(alice, room, 50, { text: () => text });
    const mine = `mine ${++id}`;
    const heard = nextEvent(alice, 'new_message', ({ content }) => content === mine);
    await say(sendPacket(room, id, mine));
    await heard; // or the last message would not be the room's last
  }
  return { ids: Array.from({ length: id }, (_, i) => i + 1), last: await send(alice, room, 'last') };
}

function assertWhole({ spans, acks }, last, ids) {
  assert.deepEqual(acks, [0, ...ids]); // 0 is the join's
  let next = 1;
  for (const [from, to] of spans) {
    assert.equal(from, next, JSON.stringify(spans));
    next = to + 1;
  }
  assert.equal(next, last.seq + 1);
  assert.ok(spans.some(([from, to]) => to > from));
}

describe('A room that resyncs', () => {
  it('tells a slow reader what it missed, and goes on with it (WebSocket)', async (t) => {
    const room = freshName('news');
    const alice = await connect(server, { username: 'alice' });
    const tcp = await openFrames(server);
    t.after(() => tcp.destroy());
    tcp.write(frame('40{"username":"slow"}'));
    await tcp.until((all) => all.includes('40{'));
    tcp.write(frame(joinPacket(room)));
    await tcp.until((all) => all.includes('430['));
    await join(alice, room);
    tcp.socket.pause();
    const { ids, last } = await talk(alice, room, (packet) => tcp.write(frame(packet)));
    tcp.socket.resume();
    await hasCome(tcp, last);
    assertWhole(told(textFrames(tcp.bytes)), last, ids);
    // It is a member like any other again.
    const next = await send(alice, room, 'hello again');
    await hasCome(tcp, next);
  });

  it('tells a slow reader what it missed, and goes on with it (long-polling)', async () => {
    const room = freshName('news');
    const alice = await connect(server, { username: 'alice' });
    const slow = await EnginePolling.connect(server, { username: 'slow' });
    await slow.send(joinPacket(room));
    const packets = (await slow.pollUntil(1)).flat();
    await join(alice, room);
    const { ids, last } = await talk(alice, room, (packet) => slow.send(packet));
    while (!packets.some((packet) => packet.includes(`"id":${last.id},`))) {
      packets.push(...(await slow.poll()));
    }
    assertWhole(told(packets), last, ids);
  });

  it('counts what it told by a gap as told: recovery does not bring it back', async () => {
    const room = freshName('news');
    const alice = await connect(server, { username: 'alice' });
    const slow = await EnginePolling.open(server);
    await slow.send('40{"username":"slow","recover":true}', joinPacket(room));
    const packets = (await slow.pollUntil(2)).flat();
    const { pid } = JSON.parse(packets[0].slice(2));
    await join(alice, room);
    const { ids, last } = await talk(alice, room, (packet) => slow.send(packet));
    const has = (message) => (packet) => packet.includes(`"id":${message.id},`);
    while (!packets.some(has(last))) packets.push(...(await slow.poll()));
    assertWhole(told(packets), last, ids);
    const offset = JSON.parse(packets.find(has(last)).slice(2)).at(-1);
    assert.equal(typeof offset, 'string');

    const missed = await send(alice, room, 'missed');
    const again = await EnginePolling.open(server);
    await again.send(`40${JSON.stringify({ username: 'slow', recover: true, pid, offset })}`);
    const back = [];
    while (!back.some(has(missed))) back.push(...(await again.poll()));
    assert.equal(JSON.parse(back[0].slice(2)).pid, pid);
    assert.deepEqual(told(back).spans, [[missed.seq, missed.seq]]);
  });

  it('closes one that leaves more than messages unread', async () => {
    const room = freshName('news');
    const alice = await connect(server, { username: 'alice' });
    await join(alice, room);
    await sendMany(alice, room, 100, { text: () => text });
    const slow = await EnginePolling.connect(server, { username: 'slow' });
    await slow.send(joinPacket(room));
    await nextEvent(alice, 'user_joined', ({ user_id }) => user_id === 'slow');
    const gone = nextEvent(alice, 'user_left', ({ user_id }) => user_id === 'slow');
    const ask = `421["get_messages",${JSON.stringify({ room, limit: 100 })}]`;
    for (let i = 0; i < 3; ++i) await slow.post(ask); // answers of 400 KB each
    assert.equal((await gone).reason, 'slow_reader');
  });
});

describe('A room that disconnects', () => {
  it('does so at the soft bound', async () => {
    const alice = await connect(server, { username: 'alice' });
    // One on each server, so that every server has told its members a message before the next is sent.
    const watchers = [];
    for (let i = 0; several && i < 3; ++i) watchers.push(await connect(server, { username: 'watcher' }));
    for (const [stem, fewest, most] of [
      ['strict', 15, 45],
      ['other', 60, 120],
    ]) {
      const room = freshName(stem);
      for (const each of [alice, ...watchers]) await join(each, room);
      const slow = await EnginePolling.connect(server, { username: 'slow' });
      await slow.send(`420["join_room",{"room":${JSON.stringify(room)}}]`);
      const isSlow = ({ room: name, user_id }) => name === room && user_id === 'slow';
      await nextEvent(alice, 'user_joined', isSlow);
      const before = await server.metric('hubbub_slow_readers_total');
      let count = 0;
      for (; (await server.metric('hubbub_slow_readers_total')) === before; ++count) {
        const { id } = await send(alice, room, text);
        for (const each of watchers) await nextEvent(each, 'new_message', (message) => message.id === id);
      }
      assert.equal((await nextEvent(alice, 'user_left', isSlow)).reason, 'slow_reader');
      assert.ok(count >= fewest && count <= most, `${stem}: ${count} messages`);
    }
  });
});

// No client, however slow or greedy, delays the others or makes the server grow.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, memoryOf, sanitized, unsanitized } from './support.mjs';
import { assertContiguous, closeClients, connect, join, nextEvent, send } from './clients.mjs';
import { received, sendMany } from './clients.mjs';
import { EnginePolling, connectRaw, frame, openFrames } from './raw.mjs';

let server;
before(async () => {
  server = await Server.start({ args: ['--max-queue-bytes', '300000'] });
});
after(() => server?.stop());
afterEach(closeClients);

const joinPacket = (room) => `420["join_room",${JSON.stringify(room)}]`;

/// Talks in a room until the slow member, who is called `slow`, is removed from it. Fails unless
/// the reason is right and the others missed nothing.
async function assertTakenOut(arrive) {
  const room = freshName();
  const alice = await connect(server, { username: 'alice' });
  const bob = await connect(server, { username: 'bob' });
  await join(bob, room);
  await join(alice, room);
  await arrive(room);
  await nextEvent(alice, 'user_joined', ({ user_id }) => user_id === 'slow');
  const gone = nextEvent(alice, 'user_left', ({ user_id }) => user_id === 'slow');
  let talking = true;
  gone.finally(() => (talking = false)).catch(() => {});
  const before = memoryOf(server);
  const text = 'x'.repeat(4000);
  let last;
  while (talking) last = (await sendMany(alice, room, 50, { text: () => text })).at(-1);
  assert.equal((await gone).reason, 'slow_reader');
  await server.logged(
    / warning slow_reader: .* reason="queue" connection="\d+-\d+" user="slow" client="[^"]+" held_bytes=\d+/g,
  );
  await nextEvent(bob, 'new_message', ({ seq }) => seq >= last.seq);
  assertContiguous(received(bob, 'new_message'), 1);
  const grown = memoryOf(server) - before;
  assert.ok(sanitized || grown < 64_000_000, `${grown} bytes more`);

  const again = await connect(server, { username: 'slow' });
  const { messages } = await join(again, room, { since: last.seq - 10 });
  assert.equal(messages[0].seq, last.seq - 9);
}

describe('A member that stops reading', () => {
  it('is taken out of its rooms as a slow reader (WebSocket)', () =>
    assertTakenOut(async (room) => {
      const tcp = await openFrames(server);
      tcp.write(frame('40{"username":"slow"}'));
      await tcp.until((text) => text.includes('40{'));
      tcp.socket.pause();
      tcp.write(frame(joinPacket(room)));
    }));

  it('is taken out of its rooms as a slow reader (long-polling)', () =>
    assertTakenOut(async (room) => {
      const session = await EnginePolling.connect(server, { username: 'slow' });
      await session.send(joinPacket(room));
    }));
});

describe('A client that asks for more than it reads', () => {
  it('does not make the server grow', unsanitized, async () => {
    const room = freshName();
    const alice = await connect(server, { username: 'alice' });
    await join(alice, room);
    await sendMany(alice, room, 200, { text: () => 'x'.repeat(4000) });
    const greedy = await connectRaw(server, { auth: { username: 'greedy' } });
    greedy.ws.pause();
    const before = memoryOf(server);
    // 20,000 answers of 800 KB each.
    for (let i = 0; i < 20_000; ++i) {
      greedy.send(`42${i}["get_messages",{"room":${JSON.stringify(room)},"limit":200}]`);
    }
    for (let i = 0; i < 300; ++i) await send(alice, room, 'meanwhile');
    const grown = memoryOf(server) - before;
    assert.ok(grown < 128_000_000, `${grown} bytes more`);
    greedy.ws.terminate();
  });

  it('is answered for each event, or told that it is overloaded', async () => {
    const room = freshName();
    const greedy = await connectRaw(server, { auth: { username: 'greedy' } });
    greedy.send(joinPacket(room));
    await greedy.find((packet) => packet.startsWith('430['));
    const count = 3000;
    for (let i = 1; i <= count; ++i) {
      greedy.send(`42${i}["send_message",{"room":${JSON.stringify(room)},"content":"${i}"}]`);
    }
    const answers = new Map();
    while (answers.size < count) {
      const packet = await greedy.find((each) => each.startsWith('43'));
      const [, id, body] = /^43(\d+)(.*)$/s.exec(packet);
      assert.ok(!answers.has(id), `two answers to ${id}`);
      answers.set(id, JSON.parse(body)[0]);
    }
    let stored = 0;
    for (const answer of answers.values()) {
      if (answer.ok) ++stored;
      else assert.equal(answer.error.code, 'overloaded');
    }
    const history = await server.history(
      (await server.get(`/api/rooms?q=${room}`)).body.rooms[0].id,
    );
    assert.equal(history.length, stored);
    greedy.ws.terminate();
  });
});

describe('A room of 300 members', () => {
  it('tells each message to all of them', async () => {
    const room = freshName();
    const sessions = [];
    for (let i = 0; i < 300; ++i) {
      const session = await connectRaw(server, { auth: { username: `user${i}` } });
      session.send(joinPacket(room));
      await session.find((packet) => packet.startsWith('430['));
      sessions.push(session);
    }
    const alice = await connect(server, { username: 'alice' });
    const { members, members_total } = await join(alice, room);
    assert.deepEqual([members.length, members_total], [200, 301]);
    const sent = await send(alice, room, 'to all');
    for (const session of sessions) {
      const packet = await session.find((each) => each.startsWith('42["new_message"'));
      assert.deepEqual(JSON.parse(packet.slice(2))[1], sent);
    }
    for (const session of sessions) session.ws.terminate();
  });
});

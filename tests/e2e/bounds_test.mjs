// Bounds on what one client may use of the transport, and what happens beyond them. Only its
// connection ends; the others never notice.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, deadline, freshName, memoryOf, unsanitized, until } from './support.mjs';
import { closeClients, connect, join, nextEvent, send } from './clients.mjs';
import { EngineWebSocket, Tcp, closeCode, connectRaw, frame, openFrames } from './raw.mjs';
import { upgradeRequest } from './raw.mjs';

let server;
let alice;
let bob;
let room;
before(async () => {
  const bounds = { max_unconnected: 50, max_attachment_bytes: 1_000, max_fragments: 1_000 };
  const args = Object.entries(bounds).map(
    ([name, value]) => `--${name.replaceAll('_', '-')}=${value}`,
  );
  server = await Server.start({ args: [...args, '--io-threads=1'] });
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob', transports: ['polling'] });
  await join(alice, room);
  await join(bob, room);
});
after(async () => {
  closeClients();
  await server?.stop();
});
afterEach(async () => {
  const message = await send(alice, room, 'still here');
  assert.deepEqual(await nextEvent(bob, 'new_message', ({ id }) => id === message.id), message);
});

const metric = (name) => server.metric(name);

describe('Sessions without a namespace', () => {
  it('make room for newer ones, the oldest first', async () => {
    const sessions = [];
    for (let i = 0; i < 50; ++i) sessions.push(await EngineWebSocket.open(server));
    assert.equal(await metric('hubbub_unconnected_closed_total'), 0);
    const surplus = await EngineWebSocket.open(server);
    await sessions[0].closed;
    assert.equal(await metric('hubbub_unconnected_closed_total'), 1);
    // A session that is in time gets in, and is not counted any more.
    for (const session of [sessions[1], surplus]) {
      session.send('40');
      assert.match(await session.next(), /^40\{"sid":/);
    }
    for (let i = 0; i < 2; ++i) sessions.push(await EngineWebSocket.open(server));
    assert.equal(await metric('hubbub_unconnected_closed_total'), 1);
    for (const session of [...sessions, surplus]) session.ws.terminate();
  });
});

describe('Attachments', () => {
  const event = '452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';

  it('of one packet may be so large together', async () => {
    const session = await connectRaw(server);
    for (const size of [500, 500]) {
      session.send(event);
      session.send(Buffer.alloc(size));
      session.send(Buffer.alloc(size));
      assert.match(await session.next(), /^42\["error"/); // an event that the chat does not know
    }
    session.ws.terminate();
  });

  it('beyond that end the session', async () => {
    const session = await connectRaw(server);
    session.send(event);
    session.send(Buffer.alloc(501));
    session.send(Buffer.alloc(500));
    await session.closed;
  });

  it('that do not come in time end the session, though it answers pings', async () => {
    const hasty = await Server.start({
      args: ['--attachments-timeout=300ms', '--ping-interval=50ms'],
    });
    const [slow, other] = [await connectRaw(hasty), await connectRaw(hasty)];
    slow.send('451-["x",{"_placeholder":true,"num":0}]');
    await slow.closed;
    other.send('451-["x",{"_placeholder":true,"num":0}]');
    other.send(Buffer.alloc(1));
    assert.match(await other.next(), /^42\["error"/);
    other.ws.terminate();
    await hasty.stop();
  });

  it('that are announced and never come in full hold no more than that', unsanitized, async () => {
    const before = memoryOf(server);
    const sessions = [];
    for (let i = 0; i < 100; ++i) {
      const session = await connectRaw(server);
      session.send(`459-["x"${',{"_placeholder":true,"num":0}'.repeat(9)}]`);
      for (let n = 0; n < 8; ++n) session.send(Buffer.alloc(120));
      sessions.push(session);
    }
    for (const session of sessions) {
      session.send(Buffer.alloc(1_000_000 - 1)); // what none of them may keep
      await session.closed;
    }
    const grown = memoryOf(server) - before;
    assert.ok(grown < 32_000_000, `${grown} bytes more`);
  });
});

describe('A flood of tiny fragments', () => {
  const fragments = (count, first = '4') =>
    Buffer.concat([
      frame(first, { fin: false }),
      ...Array.from({ length: count - 1 }, () => frame('x', { opcode: 0, fin: false })),
    ]);

  it('ends its own session with 1008', async () => {
    const tcp = await openFrames(server);
    tcp.write(fragments(10_000));
    assert.equal(await closeCode(tcp), 1008);
    await tcp.closed;
  });

  it('costs no memory to speak of', unsanitized, async () => {
    const before = memoryOf(server);
    const held = [];
    for (let i = 0; i < 40; ++i) {
      const tcp = await openFrames(server);
      tcp.write(fragments(999));
      // The ping's answer says that everything before it has been read.
      tcp.write(frame('read', { opcode: 9 }));
      await tcp.until((text) => text.endsWith('read'));
      held.push(tcp);
    }
    const grown = memoryOf(server) - before;
    assert.ok(grown < 16_000_000, `${grown} bytes more`);
    for (const tcp of held) tcp.destroy();
  });
});

describe('Memory that a burst took', () => {
  it('is given back when the burst is over, and people are let in again', unsanitized, async () => {
    const limit = memoryOf(server) + 48 * 2 ** 20;
    const small = await Server.start({ args: ['--memory-limit', String(limit)] });
    // Each leaves a message of almost 1 MB unfinished, as long as connections are accepted.
    const unfinished = frame('4'.padEnd(900_000, 'x'), { length: 950_000 });
    const crowd = [];
    const join = async () => {
      const tcp = await Tcp.open(small);
      tcp.write(upgradeRequest('/socket.io/?EIO=4&transport=websocket'));
      const answer = await tcp.untilOrClosed((text) => /"sid"|^HTTP.1.1 503/.test(text));
      crowd.push(tcp);
      tcp.write(unfinished);
      return answer.startsWith('HTTP/1.1 101');
    };
    // Twice as many as fit. The server measures its memory twice a second; thousands could connect in between.
    while (crowd.length < 100 && (await join()));
    assert.ok(crowd.length > 10);
    await small.logged(new RegExp(` memory_(reached|extreme): .* limit_bytes=${limit}\n`, 'g'));
    // The first that was kept out may have been a connection already: its session was refused.
    const refused = / warning connection_refused: .* reason="memory" client="[^"]+"\n/;
    await until(join, () => refused.test(small.log), 'a refused connection');
    for (const tcp of crowd) tcp.destroy();
    const patience = AbortSignal.timeout(deadline);
    while ((await small.get('/healthz')).status !== 200) assert.ok(!patience.aborted, 'nobody is let in');
    await small.logged(/ info memory_left: .* resident_bytes=\d+ limit_bytes=\d+\n/g);
    await small.stop();
  });
});

// SIGINT and SIGTERM: clients are told, everything is flushed, the exit code is 0.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Server, freshName, within } from './support.mjs';
import { ask, closeClients, connect, join, nextEvent, onTransport, received } from './clients.mjs';
import { send, transportChoices } from './clients.mjs';
import { EnginePolling, Tcp, connectRaw } from './raw.mjs';

afterEach(closeClients);

/// The contract's bound for a shutdown, in ms.
const bound = 5_000;

const inBatches = async (count, open) => {
  const all = [];
  while (all.length < count) {
    const batch = Array.from({ length: Math.min(50, count - all.length) }, open);
    all.push(...(await Promise.all(batch)));
  }
  return all;
};

/// Resolves when a client on long-polling waits for the server.
async function nextPoll(socket) {
  const { transport } = socket.io.engine;
  if (transport.name !== 'polling') return;
  const polled = new Promise((resolve) => transport.once('poll', resolve));
  await ask(socket, 'get_members', 'anywhere').catch(() => {});
  await within(polled, 'a poll');
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  describe(`On ${signal}`, () => {
    it('1,000 connections are closed in order and the exit code is 0 within five seconds', async () => {
      const server = await Server.start();
      const sockets = await inBatches(800, async () => {
        const session = await connectRaw(server);
        session.send('420["join_room","crowd"]');
        await session.find((packet) => packet.startsWith('430['));
        return session;
      });
      const pollers = await inBatches(200, () => EnginePolling.open(server));
      const endings = sockets.map(async (session) => {
        const code = await session.closed;
        const told = session.arrivals.items.includes('1');
        assert.ok(!told, 'a close packet, which keeps some clients away: see coming_back_test.mjs');
        return code;
      });
      const polls = pollers.map((session) => session.get());
      // The polls wait on the server once requests that were made after them are answered.
      await Promise.all(pollers.map((session) => session.send('3')));

      server.child.kill(signal);
      const [code] = await within(server.exited, 'the exit', bound);
      assert.equal(code, 0, server.log);
      for (const closeCode of await Promise.all(endings)) {
        assert.ok([1000, 1001, 1005].includes(closeCode), `close code ${closeCode}`);
      }
      for (const { status, text } of await Promise.all(polls)) {
        assert.deepEqual([status, JSON.parse(text).error.code], [503, 'overloaded']);
      }
    });

    it('official clients see a closed transport, not a user_left, and come back by themselves', async () => {
      const server = await Server.start();
      const room = freshName();
      const sockets = [];
      for (const [i, { transports, ends }] of transportChoices.entries()) {
        const options = { username: `user${i}`, transports, reconnection: true };
        const socket = await connect(server, { ...options, reconnectionDelay: 50 });
        await onTransport(socket, ends);
        await join(socket, room);
        sockets.push(socket);
      }
      const message = await send(sockets[0], room, 'before');
      // A poll that has not begun would find no server: that would be an error, not a close.
      for (const socket of sockets) await nextPoll(socket);
      await server.get('/healthz');
      await server.stop(signal);
      for (const [i, socket] of sockets.entries()) {
        const told = transportChoices[i].ends === 'polling' ? 'transport error' : 'transport close';
        assert.equal(await nextEvent(socket, 'disconnect'), told);
        assert.deepEqual(received(socket, 'user_left'), []);
      }
      const back = sockets.map((socket) => new Promise((done) => socket.once('connect', done)));
      await server.restart();
      await within(Promise.all(back), 'the clients to come back');
      const { messages } = await join(sockets[1], room, { since: 0 });
      assert.deepEqual(messages, [message]);
      closeClients();
      await server.stop(signal);
    });
  });
}

describe('With a drain_delay', () => {
  const ready = async (server) => (await server.get('/readyz')).status;
  /// Asks for the end, and returns when the server says that it is not ready.
  const announced = async (server) => {
    server.child.kill('SIGTERM');
    let status;
    do status = await ready(server);
    while (status === 200);
    assert.equal(status, 503);
  };

  it('everything is served while the server is not ready, until a second signal', async () => {
    const server = await Server.start({ args: ['--drain-delay', '1h'] });
    const room = freshName();
    const early = await connect(server, { username: 'early' });
    const { id } = (await join(early, room)).room;
    await announced(server);
    const late = await connect(server, { username: 'late', transports: ['polling'] });
    await join(late, room);
    await send(late, room, 'from one that came late');
    assert.equal((await nextEvent(early, 'new_message')).content, 'from one that came late');
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'over HTTP' })).status, 201);
    assert.equal((await server.get('/healthz')).status, 200);
    assert.deepEqual(received(early, 'disconnect'), []);
    // A signal that follows at once counts as the same request.
    while (!server.log.includes('closing at once')) {
      server.child.kill('SIGTERM');
      await ready(server).catch(() => {});
    }
    const [code, killedBy] = await within(server.exited, 'the exit');
    assert.deepEqual([code, killedBy], [0, null], server.log);
    // Probes that are told so are no failures.
    assert.match(server.log, / not_ready: /);
    assert.doesNotMatch(server.log, / http_failed: /);
    assert.match(server.log, / stopping: stopping, as it was asked to signal=15\n/);
    assert.equal(await nextEvent(early, 'disconnect'), 'transport close');
  });

  it('the server stops by itself, also after more than a stuck shutdown may take', async () => {
    const server = await Server.start({ args: ['--drain-delay', '10500ms'] });
    const client = await connect(server);
    await announced(server);
    const [code, killedBy] = await within(server.exited, 'the exit');
    assert.deepEqual([code, killedBy], [0, null], server.log);
    assert.equal(await nextEvent(client, 'disconnect'), 'transport close');
  });
});

describe('With a drain_time', () => {
  const open = async (server, room) => {
    const session = await connectRaw(server);
    session.send(`420["join_room","${room}"]`);
    await session.find((packet) => packet.startsWith('430['));
    return session;
  };

  it('sessions are closed one after the other, and those that are left are served', async () => {
    const server = await Server.start({ args: ['--drain-time', '5s'] });
    const room = freshName();
    const sessions = await inBatches(40, () => open(server, room));
    const endings = sessions.map((session, i) => session.closed.then(() => i));
    server.child.kill('SIGTERM');
    const first = await Promise.race(endings);
    const left = sessions.filter((_, i) => i !== first && sessions[i].ws.readyState === 1);
    // A request of each is on its way while the next are being closed.
    for (const session of left) session.send(`421["send_message",{"room":"${room}","content":"x"}]`);
    const served = await Promise.all(
      left.map((session) =>
        session.find((packet) => packet.startsWith('431[')).then(
          () => true,
          () => false,
        ),
      ),
    );
    assert.ok(served.filter(Boolean).length >= 5, `${served.filter(Boolean).length} were served`);
    const { status, body } = await server
      .get('/socket.io/?EIO=4&transport=polling')
      .catch(() => ({ status: 503, body: { error: { code: 'overloaded' } } }));
    assert.deepEqual([status, body.error.code], [503, 'overloaded']);
    await Promise.all(endings);
    const [code] = await within(server.exited, 'the exit');
    assert.equal(code, 0, server.log);
  });

  it('the server ends as soon as nobody is left, or at a second signal', async () => {
    const args = ['--drain-time', '1d'];
    const empty = await Server.start({ args });
    await empty.stop();
    const server = await Server.start({ args });
    const client = await connectRaw(server);
    server.child.kill('SIGTERM');
    await server.logged(/ info draining: /g);
    assert.equal((await server.get('/readyz')).status, 503);
    // A signal that follows at once counts as the same request.
    while (!server.log.includes('closing at once') && server.child.exitCode === null) {
      server.child.kill('SIGTERM');
      await server.get('/healthz').catch(() => {});
    }
    await client.closed;
    assert.equal((await within(server.exited, 'the exit'))[0], 0, server.log);
    assert.match(server.log, /closing at once/);
  });
});

describe('At shutdown', () => {
  it('messages that were acked are stored, those that were not are not half stored', async () => {
    const server = await Server.start();
    const room = freshName();
    const alice = await connect(server, { username: 'alice' });
    const { id } = (await join(alice, room)).room;
    const acked = [];
    const enough = new Promise((resolve) => {
      const shoot = () =>
        alice.emit('send_message', { room, content: 'shot' }, (ack) => {
          if (!ack.ok) return;
          if (acked.push(ack.message) === 50) resolve();
          shoot();
        });
      for (let i = 0; i < 16; ++i) shoot();
    });
    await enough;
    await server.stop();
    await server.restart();
    const history = await server.history(id);
    assert.deepEqual(
      history.map((message) => message.seq),
      history.map((_, i) => i + 1),
    );
    for (const message of acked) assert.deepEqual(history[message.seq - 1], message);
    await server.stop();
  });

  it('a connection that says nothing, or half a request, holds nothing up', async () => {
    const server = await Server.start();
    const idle = await Tcp.open(server);
    const half = await Tcp.open(server);
    half.write('POST /api/rooms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"na');
    const deaf = await connectRaw(server, { silent: true });
    deaf.ws.pause();
    await server.get('/healthz');
    server.child.kill('SIGTERM');
    const [code] = await within(server.exited, 'the exit', bound);
    assert.equal(code, 0);
    await Promise.all([idle.closed, half.closed]);
    deaf.ws.terminate();
  });

  it('a second signal while the first is obeyed changes nothing', async () => {
    const server = await Server.start();
    await connect(server);
    server.child.kill('SIGTERM');
    server.child.kill('SIGINT');
    const [code, killedBy] = await within(server.exited, 'the exit', bound);
    assert.deepEqual([code, killedBy], [0, null]);
  });

  it('without any connection the exit code is 0 and nothing is written to standard error', async () => {
    const server = await Server.start({ args: ['--log-level', 'error'] });
    await server.stop();
    assert.equal(server.log, '');
    const line = `listening on ${server.url}\n`;
    assert.equal(server.stdout, line);
  });
});

// However a connection ends, its user leaves every room once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, freshName, within } from './support.mjs';
import { closeClients, connect, fence, join, nextEvent, received } from './clients.mjs';
import { EnginePolling, EngineWebSocket, connectRaw } from './raw.mjs';

const child = fileURLToPath(new URL('client_child.mjs', import.meta.url));

let server;
before(async () => {
  server = await Server.start({ args: ['--ping-interval', '1000', '--ping-timeout', '2000'] });
});
after(() => server?.stop());
afterEach(closeClients);

/// Fails unless alice leaves each room once and is in no list afterwards. `arrive(rooms)` brings
/// her in, and the function that it returns takes her away.
async function assertNoGhost(arrive) {
  const rooms = [freshName(), freshName(), freshName()];
  const bob = await connect(server, { username: 'bob' });
  const ids = [];
  for (const room of rooms) ids.push((await join(bob, room)).room.id);
  const depart = await arrive(rooms);
  for (const room of rooms) await nextEvent(bob, 'user_joined', (event) => event.room === room);
  await depart();
  for (const room of rooms) {
    const left = await nextEvent(bob, 'user_left', (event) => event.room === room);
    assert.deepEqual([left.user_id, left.members_total], ['alice', 1]);
  }
  for (const room of rooms) await fence(bob, bob, room);
  assert.equal(received(bob, 'user_left').length, rooms.length);
  for (const id of ids) {
    const { body } = await server.get(`/api/rooms/${id}/members`);
    assert.deepEqual(
      body.members.map((member) => member.user_id),
      ['bob'],
    );
    assert.equal((await server.get(`/api/rooms/${id}`)).body.members_total, 1);
  }
}

const joinPackets = (rooms) =>
  rooms.map((room, i) => `42${i}["join_room",${JSON.stringify(room)}]`);

async function joinRaw(session, rooms) {
  for (const packet of joinPackets(rooms)) session.send(packet);
  // The order between rooms is not promised.
  for (let acks = 0; acks < rooms.length; ++acks) {
    await session.find((packet) => packet.startsWith('43'));
  }
}

describe('A user is gone from every room', () => {
  it('when its client closes', () =>
    assertNoGhost(async (rooms) => {
      const alice = await connect(server, { username: 'alice' });
      for (const room of rooms) await join(alice, room);
      return () => alice.close();
    }));

  for (const transport of ['polling', 'websocket', 'upgrade']) {
    it(`when its process is killed (${transport})`, () =>
      assertNoGhost(async (rooms) => {
        const args = [child, server.url, transport, ...rooms];
        const process = spawn(globalThis.process.execPath, args, {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await within(once(process.stdout, 'data'), 'the child to join');
        return () => process.kill('SIGKILL');
      }));
  }

  it('when its WebSocket breaks without a close', () =>
    assertNoGhost(async (rooms) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' } });
      await joinRaw(alice, rooms);
      return () => alice.ws.terminate();
    }));

  it('when its WebSocket falls silent', () =>
    assertNoGhost(async (rooms) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' }, silent: true });
      await joinRaw(alice, rooms);
      return () => {};
    }));

  it('when it polls no more', () =>
    assertNoGhost(async (rooms) => {
      const alice = await EnginePolling.connect(server, { username: 'alice' });
      await alice.send(...joinPackets(rooms));
      await alice.pollUntil(rooms.length);
      return () => {};
    }));

  it('when it closes its long-polling session', () =>
    assertNoGhost(async (rooms) => {
      const alice = await EnginePolling.connect(server, { username: 'alice' });
      await alice.send(...joinPackets(rooms));
      await alice.pollUntil(rooms.length);
      return () => alice.send('1');
    }));

  it('when it polls twice at once', () =>
    assertNoGhost(async (rooms) => {
      const alice = await EnginePolling.connect(server, { username: 'alice' });
      await alice.send(...joinPackets(rooms));
      await alice.pollUntil(rooms.length);
      return () => void Promise.all([alice.get(), alice.get()]);
    }));

  it('when it leaves in the middle of an upgrade', () =>
    assertNoGhost(async (rooms) => {
      const alice = await EnginePolling.connect(server, { username: 'alice' });
      await alice.send(...joinPackets(rooms));
      await alice.pollUntil(rooms.length);
      return async () => {
        const probe = await EngineWebSocket.open(server, { sid: alice.sid });
        probe.send('2probe');
        assert.equal(await probe.next(), '3probe');
        probe.ws.terminate();
      };
    }));

  it('when it sends half a frame and nothing more', () =>
    assertNoGhost(async (rooms) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' }, silent: true });
      await joinRaw(alice, rooms);
      return () => alice.ws._socket.write(Buffer.from([0x81, 0xfe, 0x01]));
    }));

  it('when it violates the protocol', () =>
    assertNoGhost(async (rooms) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' } });
      await joinRaw(alice, rooms);
      return () => alice.send('42{}');
    }));
});

describe('A connection that never says who it is', () => {
  it('is closed and in no room', async () => {
    const session = await EngineWebSocket.open(server, { silent: true });
    await session.closed;
    const poller = await EnginePolling.open(server);
    let status;
    do ({ status } = await poller.get());
    while (status === 200);
    assert.equal(status, 400);
  });
});

describe('A polling client that vanishes', () => {
  it('is gone soon, however long a ping takes', async () => {
    const args = ['--ping-interval', '1h', '--ping-timeout', '1h'];
    const patient = await Server.start({ args });
    const room = freshName();
    const bob = await connect(patient, { username: 'bob' });
    await join(bob, room);
    const alice = spawn(process.execPath, [child, patient.url, 'polling', room]);
    await within(once(alice.stdout, 'data'), 'alice');
    await nextEvent(bob, 'user_joined');
    alice.kill('SIGKILL'); // its next poll has left it
    const left = await nextEvent(bob, 'user_left');
    assert.deepEqual([left.user_id, left.reason], ['alice', 'disconnect']);
    closeClients();
    await patient.stop();
  });
});

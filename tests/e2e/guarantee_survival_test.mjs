// Acked messages survive the death of the server, and a retry never makes a second message.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Server, assertSound, freshName, killsWanted, tellKill } from './support.mjs';
import { assertContiguous, closeClients, connect, connected, join } from './clients.mjs';
import { openSocket, transportChoices } from './clients.mjs';

afterEach(closeClients);

const rounds = killsWanted(20);
const senders = 8;
const transportsOf = (i) => transportChoices[i % transportChoices.length].transports;

/// Senders that keep several messages in flight until the server is gone. `onAck` gets each
/// message acked over a socket or HTTP.
async function fire(server, room, roomId, onAck) {
  let alive = true;
  const sockets = await Promise.all(
    Array.from({ length: senders }, (_, i) =>
      connect(server, { username: `sender${i}`, transports: transportsOf(i) }),
    ),
  );
  for (const socket of sockets) await join(socket, room, { history: 0 });
  const shoot = (socket) => {
    if (!alive) return;
    socket.emit('send_message', { room, content: freshName('shot') }, (ack) => {
      assert.equal(ack.ok, true, JSON.stringify(ack));
      onAck(ack.message);
      shoot(socket);
    });
  };
  const post = async () => {
    const path = `/api/messages/${roomId}`;
    while (alive) {
      const { status, body } = await server.post(path, { content: freshName('post') });
      if (status === 201) onAck(body);
    }
  };
  for (const socket of sockets) for (let i = 0; i < 4; ++i) shoot(socket);
  const posting = post().catch(() => {});
  return async () => {
    alive = false;
    closeClients();
    await posting;
  };
}

/// Fails unless the history holds every acked message once and as it was acked.
function assertHolds(history, acked) {
  assertContiguous(history, 1);
  history.slice(1).forEach((message, i) => assert.ok(message.id > history[i].id));
  for (const message of acked) assert.deepEqual(history[message.seq - 1], message);
  const contents = new Set(history.map((message) => message.content));
  assert.equal(contents.size, history.length);
}

describe('A server killed at a random moment under load', () => {
  it(`has every acked message after each of ${rounds} kills`, async () => {
    const server = await Server.start();
    const room = freshName();
    const { id } = await server.createRoom(room);
    const acked = [];
    for (let round = 0; round < rounds; ++round) {
      const target = acked.length + 1 + Math.floor(Math.random() * 300);
      let strike;
      const due = new Promise((resolve) => (strike = resolve));
      const cease = await fire(server, room, id, (message) => {
        if (acked.push(message) >= target) strike();
      });
      await due;
      await server.kill();
      await cease();
      await assertSound(server);
      await server.restart();
      assertHolds(await server.history(id), acked);
      tellKill(round + 1, rounds, acked.length);
    }
    await server.stop();
  });
});

describe('A message with a client_id, retried until it is acked', () => {
  it('is stored and broadcast once although the server is killed and restarted', async () => {
    const server = await Server.start();
    const room = freshName();
    const { id: roomId } = await server.createRoom(room);
    const [people, each, kills] = [6, 60, 4];
    const total = people * each;
    let acks = 0;
    const thresholds = Array.from({ length: kills }, (_, i) => ((i + 1) * total) / (kills + 1));
    const waiting = [];
    const onAck = () => {
      ++acks;
      while (waiting.length > 0 && acks >= waiting[0].threshold) waiting.shift().resolve();
    };

    const person = async (i) => {
      const socket = openSocket(server, {
        username: `person${i}`,
        transports: transportsOf(i),
        reconnection: true,
        reconnectionDelay: 20,
        reconnectionDelayMax: 100,
      });
      const heard = new Map();
      socket.on('new_message', (message) => {
        heard.set(message.id, (heard.get(message.id) ?? 0) + 1);
      });
      let since = 0;
      socket.on('connect', () => socket.emit('join_room', { room, since }, () => {}));
      await connected(socket);
      for (let n = 0; n < each; ++n) {
        const payload = { room, content: `${i}/${n}`, client_id: `id-${n}` };
        since = (await untilAcked(socket, payload)).seq;
        onAck();
      }
      return heard;
    };
    const everyone = Promise.all(Array.from({ length: people }, (_, i) => person(i)));
    for (const threshold of thresholds) {
      await new Promise((resolve) => waiting.push({ threshold, resolve }));
      await server.kill();
      await server.restart();
    }
    const heard = await everyone;

    const history = await server.history(roomId);
    assertContiguous(history, 1);
    const stored = history.map(({ user_id, client_id, content }) => [user_id, client_id, content]);
    const wanted = [];
    for (let i = 0; i < people; ++i) {
      for (let n = 0; n < each; ++n) wanted.push([`person${i}`, `id-${n}`, `${i}/${n}`]);
    }
    assert.deepEqual(stored.map(String).sort(), wanted.map(String).sort());
    const ids = new Set(history.map((message) => message.id));
    for (const counts of heard) {
      for (const [id, count] of counts) assert.ok(count === 1 && ids.has(id), `${id}: ${count}`);
    }
    closeClients();
    await server.stop();
  });
});

/// Sends until an ack says ok. A lost connection, or a room not yet rejoined, is a reason to retry.
function untilAcked(socket, payload) {
  return new Promise((resolve) => {
    const attempt = () => {
      const again = () => {
        socket.off('disconnect', again);
        socket.connected ? attempt() : socket.once('connect', attempt);
      };
      socket.once('disconnect', again);
      socket.emit('send_message', payload, (ack) => {
        socket.off('disconnect', again);
        if (ack.ok) resolve(ack.message);
        else attempt();
      });
    };
    attempt();
  });
}

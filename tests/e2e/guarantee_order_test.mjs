// One order, stored before seen, seamless join, only members: each under load.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, assertContiguous, closeClients, connect, fence, join } from './clients.mjs';
import { nextEvent, send, sendMany, transportChoices } from './clients.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());
afterEach(closeClients);

const mixed = (i) => ({ transports: transportChoices[i % transportChoices.length].transports });

/// Senders that send into `room`, one message after the other, until they are told to stop.
class Fire {
  static async open(room, count) {
    const fire = new Fire();
    fire.sockets = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        connect(server, { username: `sender${i}`, ...mixed(i) }),
      ),
    );
    for (const socket of fire.sockets) await join(socket, room, { history: 0 });
    fire.lanes = fire.sockets.map(async (socket) => {
      while (!fire.stopped) await send(socket, room, 'fire');
    });
    return fire;
  }

  async cease() {
    this.stopped = true;
    await Promise.all(this.lanes);
  }
}

describe('In a room with 50 concurrent senders on mixed transports', () => {
  const [senders, each] = [50, 20];

  it('everyone receives every message once, in one order, its own by ack or event', async () => {
    const room = freshName();
    const sockets = await Promise.all(
      Array.from({ length: senders }, (_, i) =>
        connect(server, { username: `user${i}`, ...mixed(i) }),
      ),
    );
    const heard = sockets.map(() => []);
    let roomId;
    for (const [i, socket] of sockets.entries()) {
      roomId = (await join(socket, room)).room.id;
      socket.on('new_message', (message) => heard[i].push(message));
    }
    const acked = (socket, i, content) =>
      new Promise((resolve, reject) => {
        socket.emit('send_message', { room, content }, (ack) => {
          if (!ack.ok) reject(new Error(JSON.stringify(ack)));
          else resolve(heard[i].push(ack.message));
        });
      });
    const sendAll = async (socket, i) => {
      for (let n = 0; n < each; ++n) {
        const content = `${i}/${n}`;
        if (n % 4 === 3) socket.emit('send_message', { room, content });
        else await acked(socket, i, content);
      }
    };
    await Promise.all(sockets.map(sendAll));
    // The last one was sent without an ack, so that its sender hears it, too.
    for (const socket of sockets) {
      await nextEvent(socket, 'new_message', (message) => message.seq === senders * each);
    }
    const history = await server.history(roomId);
    assert.equal(history.length, senders * each);
    assertContiguous(history, 1);
    const last = await send(sockets[0], room, 'the end');
    for (const [i, socket] of sockets.entries()) {
      if (i > 0) await nextEvent(socket, 'new_message', (message) => message.id === last.id);
      assert.deepEqual(heard[i].slice(0, senders * each), history, `user${i}`);
    }
    for (let i = 0; i < senders; ++i) {
      const own = history.filter((message) => message.user_id === `user${i}`);
      const sent = Array.from({ length: each }, (_, n) => `${i}/${n}`);
      assert.deepEqual(
        own.map((message) => message.content),
        sent,
      );
    }
  });
});

describe('A message that is received', () => {
  it('is stored already: the history over HTTP has it at once', async () => {
    const room = freshName();
    const watchers = [];
    let roomId;
    const checks = [];
    for (const { transports } of transportChoices) {
      const watcher = await connect(server, { username: 'watcher', transports });
      roomId = (await join(watcher, room)).room.id;
      watcher.on('new_message', (message) => {
        const query = `after=${message.seq - 1}&limit=1`;
        const check = server.get(`/api/messages/${message.room_id}?${query}`);
        checks.push(check.then(({ body }) => assert.deepEqual(body.messages, [message])));
      });
      watchers.push(watcher);
    }
    const alice = await connect(server, { username: 'alice' });
    await join(alice, room);
    await sendMany(alice, room, 100, { window: 4 });
    for (const watcher of watchers) await fence(watcher, alice, room);
    assert.ok(checks.length >= 3 * 100);
    await Promise.all(checks);
    assert.equal((await server.get(`/api/rooms/${roomId}`)).body.last_seq, 103);
  });

  it('by ack is stored already', async () => {
    const room = freshName();
    const alice = await connect(server, { username: 'alice' });
    const { id } = (await join(alice, room)).room;
    for (let i = 0; i < 50; ++i) {
      const message = await send(alice, room, `m${i}`);
      const { body } = await server.get(`/api/messages/${id}?limit=1`);
      assert.deepEqual(body.messages, [message]);
    }
  });
});

describe('Joining under fire', () => {
  it('gives messages that meet the live ones without hole or overlap', async () => {
    const room = freshName();
    const fire = await Fire.open(room, 10);
    const arrivals = Array.from({ length: 30 }, async (_, i) => {
      const socket = await connect(server, { username: `joiner${i}`, ...mixed(i) });
      const seen = [];
      socket.on('new_message', (message) => seen.push(message));
      await new Promise((resolve, reject) => {
        socket.emit('join_room', { room, history: (i * 13) % 201 }, (ack) => {
          if (!ack.ok) return reject(new Error(JSON.stringify(ack)));
          assert.equal(seen.length, 0, 'an event before the join ack');
          if (ack.messages.length > 0) assert.equal(ack.messages.at(-1).seq, ack.room.last_seq);
          seen.push(...ack.messages);
          if (seen.length === 0) seen.push({ seq: ack.room.last_seq });
          return resolve();
        });
      });
      const from = seen.at(-1).seq;
      await nextEvent(socket, 'new_message', (message) => message.seq >= from + 30);
      assertContiguous(seen, seen[0].seq);
    });
    await Promise.all(arrivals);
    await fire.cease();
  });

  it('with since gives just what was missed', async () => {
    const room = freshName();
    const fire = await Fire.open(room, 10);
    const socket = await connect(server, { username: 'wanderer' });
    const seen = [];
    socket.on('new_message', (message) => seen.push(message));
    const enter = (options) =>
      new Promise((resolve) => {
        socket.emit('join_room', { room, ...options }, (ack) => {
          seen.push(...ack.messages);
          resolve(ack);
        });
      });
    await enter({ history: 1 });
    for (let round = 0; round < 20; ++round) {
      const { seq } = seen.at(-1) ?? { seq: 0 };
      await nextEvent(socket, 'new_message', (message) => message.seq > seq + 5);
      await ask(socket, 'leave_room', room);
      const ack = await enter({ since: seen.at(-1).seq });
      assert.equal(ack.gap, false);
    }
    await fire.cease();
    assertContiguous(seen, seen[0].seq);
  });
});

describe('A room under fire', () => {
  it('says nothing to a socket before its join ack or after its leave ack', async () => {
    const [room, other] = [freshName(), freshName()];
    const fire = await Fire.open(room, 10);
    const visitors = Array.from({ length: 6 }, async (_, i) => {
      const socket = await connect(server, { username: `visitor${i}`, ...mixed(i) });
      await join(socket, other);
      let inside = false;
      const strays = [];
      socket.onAny((name, event) => {
        if (event.room === room && !inside) strays.push(name);
      });
      const step = (event, now) =>
        new Promise((resolve) => {
          socket.emit(event, { room, history: 0 }, (ack) => {
            assert.equal(ack.ok, true);
            inside = now;
            resolve();
          });
        });
      for (let round = 0; round < 20; ++round) {
        await step('join_room', true);
        if (round % 2) await nextEvent(socket, 'new_message', (message) => message.room === room);
        await step('leave_room', false);
      }
      await fence(socket, socket, other);
      assert.deepEqual(strays, []);
    });
    await Promise.all(visitors);
    await fire.cease();
  });

  it('says nothing to those who never joined', async () => {
    const room = freshName();
    const outsider = await connect(server, { username: 'outsider' });
    const strays = [];
    outsider.onAny((name, event) => strays.push([name, event]));
    const [alice, bob] = [await connect(server), await connect(server)];
    await join(alice, room, { username: 'alice' });
    await join(bob, room, { username: 'bob' });
    await nextEvent(alice, 'user_joined');
    await sendMany(alice, room, 20);
    await ask(alice, 'typing', { room, is_typing: true });
    await ask(outsider, 'get_messages', room);
    await ask(outsider, 'get_members', room);
    bob.close();
    await nextEvent(alice, 'user_left');
    await ask(outsider, 'get_messages', room);
    assert.deepEqual(strays, []);
  });
});

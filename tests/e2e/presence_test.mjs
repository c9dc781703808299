// Who is in a room, and what the others are told of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, ofOne, several } from './support.mjs';
import { ask, closeClients, connect, fence, join, nextEvent } from './clients.mjs';
import { onTransport, received, transportChoices } from './clients.mjs';
import { EnginePolling, connectRaw } from './raw.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());
afterEach(closeClients);

const membersOf = async (of, id) => {
  const { status, body } = await of.get(`/api/rooms/${id}/members`);
  assert.equal(status, 200);
  return body;
};

describe('A user with two sockets in a room', () => {
  const late = ofOne('the others are told within 50 ms, and an ack says what its server knows by then');
  it('is one member: the others hear of the first join and the last leave', late, async () => {
    const room = freshName();
    const bob = await connect(server, { username: 'bob' });
    const { id } = (await join(bob, room)).room;
    const phone = await connect(server, { username: 'alice', transports: ['polling'] });
    const laptop = await connect(server, { username: 'alice' });
    await join(phone, room);
    const ack = await join(laptop, room);
    assert.equal(ack.members_total, 2);
    const alice = ack.members.find((member) => member.user_id === 'alice');
    assert.deepEqual(alice, { user_id: 'alice', username: 'alice', connections: 2 });
    await fence(bob, laptop, room);
    assert.equal(received(bob, 'user_joined').length, 1);
    assert.deepEqual(received(phone, 'user_joined'), []);

    await ask(phone, 'leave_room', room);
    await fence(bob, laptop, room);
    assert.deepEqual(received(bob, 'user_left'), []);
    const { members, members_total } = await membersOf(server, id);
    assert.deepEqual(members, [
      { user_id: 'alice', username: 'alice', connections: 1 },
      { user_id: 'bob', username: 'bob', connections: 1 },
    ]);
    assert.equal(members_total, 2);

    laptop.close();
    assert.equal((await nextEvent(bob, 'user_left')).user_id, 'alice');
    await fence(bob, bob, room);
    assert.equal(received(bob, 'user_left').length, 1);
  });

  it('counts in each room by itself', async () => {
    const [here, there] = [freshName(), freshName()];
    const phone = await connect(server, { username: 'alice' });
    const laptop = await connect(server, { username: 'alice' });
    await join(phone, here);
    await join(laptop, here);
    const { members } = await join(laptop, there);
    assert.deepEqual(members, [{ user_id: 'alice', username: 'alice', connections: 1 }]);
  });
});

describe('user_left says why', () => {
  const watch = async (of, leaver) => {
    const room = freshName();
    const bob = await connect(of, { username: 'bob' });
    const { id } = (await join(bob, room)).room;
    await leaver(room, () => nextEvent(bob, 'user_joined'));
    const { reason, user_id, members_total, ...rest } = await nextEvent(bob, 'user_left');
    assert.deepEqual(rest, { room_id: id, room, username: 'alice' });
    assert.deepEqual([user_id, members_total], ['alice', 1]);
    await fence(bob, bob, room);
    assert.equal(received(bob, 'user_left').length, 1);
    // A server on which nobody is in the room does not know who is there on others.
    if (!several) assert.equal((await membersOf(of, id)).members_total, 1);
    return reason;
  };

  for (const { title, transports, ends } of transportChoices) {
    it(`disconnect: the client closed (${title})`, async () => {
      const reason = await watch(server, async (room, heard) => {
        const alice = await connect(server, { username: 'alice', transports });
        await join(alice, room);
        await heard();
        await onTransport(alice, ends);
        alice.close();
      });
      assert.equal(reason, 'disconnect');
    });
  }

  const joinRaw = async (session, room) => {
    session.send(`420["join_room",${JSON.stringify(room)}]`);
    await session.find((packet) => packet.startsWith('430'));
  };

  it('leave: the client left the room', async () => {
    const reason = await watch(server, async (room, heard) => {
      const alice = await connect(server, { username: 'alice' });
      await join(alice, room);
      await heard();
      await ask(alice, 'leave_room', room);
    });
    assert.equal(reason, 'leave');
  });

  it('disconnect: the client left the namespace and stayed connected', async () => {
    const reason = await watch(server, async (room, heard) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' } });
      await joinRaw(alice, room);
      await heard();
      alice.send('41');
    });
    assert.equal(reason, 'disconnect');
  });

  it('disconnect: the connection broke', async () => {
    const reason = await watch(server, async (room, heard) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' } });
      await joinRaw(alice, room);
      await heard();
      alice.ws.terminate();
    });
    assert.equal(reason, 'disconnect');
  });

  it('disconnect: the client violated the protocol', async () => {
    const reason = await watch(server, async (room, heard) => {
      const alice = await connectRaw(server, { auth: { username: 'alice' } });
      await joinRaw(alice, room);
      await heard();
      alice.send('4nonsense');
      await alice.closed;
    });
    assert.equal(reason, 'disconnect');
  });

  describe('timeout', () => {
    let brisk;
    // Who watches has to answer in time, through a proxy to another server and on a slow machine.
    const args = ['--ping-interval', '300', '--ping-timeout', '2000'];
    before(async () => (brisk = await Server.start({ args })));
    after(() => brisk?.stop());

    it('the peer on WebSocket answered no ping', async () => {
      const reason = await watch(brisk, async (room, heard) => {
        const alice = await connectRaw(brisk, { auth: { username: 'alice' }, silent: true });
        await joinRaw(alice, room);
        await heard();
      });
      assert.equal(reason, 'timeout');
    });

    it('the peer on long-polling asked no more', async () => {
      const reason = await watch(brisk, async (room, heard) => {
        const alice = await EnginePolling.connect(brisk, { username: 'alice' });
        await alice.send(`420["join_room",${JSON.stringify(room)}]`);
        await alice.pollUntil(1);
        await heard();
      });
      assert.equal(reason, 'timeout');
    });

    it('never comes to those who answer', async () => {
      const room = freshName();
      const all = [];
      for (const [i, { transports }] of transportChoices.entries()) {
        all.push(await connect(brisk, { username: `user${i}`, transports }));
        await join(all[i], room);
      }
      const watcher = await connectRaw(brisk, { auth: { username: 'watcher' } });
      for (let pings = 0; pings < 6; ++pings) await watcher.nextPing();
      for (const socket of all) assert.ok(socket.connected);
      await fence(all[0], all[1], room);
      assert.deepEqual(received(all[0], 'user_left'), []);
      watcher.ws.terminate();
    });
  });
});

describe('Above presence_threshold members', () => {
  let server;
  before(async () => (server = await Server.start({ args: ['--presence-threshold', '3'] })));
  after(() => server?.stop());

  it('presence replaces user_joined and user_left', async () => {
    const room = freshName();
    const users = ['alice', 'bob', 'carol'];
    const sockets = [];
    for (const username of users) {
      sockets.push(await connect(server, { username }));
      await join(sockets.at(-1), room);
    }
    const [alice, bob] = sockets;
    const { id } = (await join(bob, room)).room;
    for (const user of ['bob', 'carol']) await nextEvent(alice, 'user_joined', ({ user_id }) => user_id === user);
    await fence(alice, bob, room);
    assert.deepEqual(
      received(alice, 'user_joined').map((each) => each.user_id).sort(),
      ['bob', 'carol'],
    );
    assert.deepEqual(received(alice, 'presence'), []);

    const crowd = [];
    const [joined, left] = [new Set(), new Set()];
    for (const username of ['dora', 'erik', 'frida']) {
      crowd.push(await connect(server, { username }));
      await join(crowd.at(-1), room);
    }
    const hear = async () => {
      const event = await nextEvent(alice, 'presence');
      assert.deepEqual([event.room_id, event.room], [id, room]);
      event.joined.forEach((user) => joined.add(user.user_id));
      event.left.forEach((user) => left.add(user.user_id));
      return event;
    };
    let last;
    while (joined.size < 3) last = await hear();
    assert.deepEqual([...joined].sort(), ['dora', 'erik', 'frida']);
    assert.equal(last.members_total, 6);
    assert.equal(received(alice, 'user_joined').length, 2);

    await ask(crowd[0], 'leave_room', room);
    while (left.size < 1) last = await hear();
    assert.deepEqual([[...left], last.members_total], [['dora'], 5]);
    assert.deepEqual(received(alice, 'user_left'), []);
  });
});

// Who a socket is in open mode, and which handshakes are refused.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, closeClients, connect, fence, join, nextEvent, openSocket } from './clients.mjs';
import { received, refused, send } from './clients.mjs';
import { EnginePolling, EngineWebSocket } from './raw.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());
afterEach(closeClients);

/// Returns the name under which a socket is in a room.
async function nameOf(socket, options) {
  const room = freshName();
  const { members } = await join(socket, room, options);
  assert.equal(members.length, 1);
  assert.equal(members[0].user_id, members[0].username);
  assert.equal((await send(socket, room, 'x')).username, members[0].username);
  return members[0].username;
}

describe('A socket', () => {
  it('has the username of its handshake, trimmed, whatever it says later', async () => {
    const alice = await connect(server, { username: '\u3000 Alice Ünder \n' });
    assert.equal(await nameOf(alice), 'Alice Ünder');
    assert.equal(await nameOf(alice, { username: 'mallory' }), 'Alice Ünder');
    assert.equal(await nameOf(alice, { username: 5 }), 'Alice Ünder');
  });

  it('has else the username of its first join', async () => {
    const bob = await connect(server);
    assert.equal(await nameOf(bob, { username: ' bob ' }), 'bob');
    assert.equal(await nameOf(bob, { username: 'mallory' }), 'bob');
    assert.equal(await nameOf(bob), 'bob');
  });

  it('is else a guest with six random letters', async () => {
    const names = new Set();
    for (let i = 0; i < 5; ++i) {
      const guest = await connect(server);
      const name = await nameOf(guest);
      assert.match(name, /^guest-[A-Za-z]{6}$/);
      assert.equal(await nameOf(guest, { username: 'late' }), name);
      names.add(name);
    }
    assert.equal(names.size, 5);
  });

  it('may have a name of 64 characters, whatever their size in bytes', async () => {
    const longest = '𝄞'.repeat(64);
    assert.equal(await nameOf(await connect(server, { username: longest })), longest);
    assert.equal(await nameOf(await connect(server), { username: longest }), longest);
  });

  it('is not let in with an unusable username in its handshake', async () => {
    const bad = ['', '  \u3000', '𝄞'.repeat(65), 'a\u0000b', 'a\nb', '\ud800', 5, true, {}, []];
    for (const username of bad) {
      const socket = openSocket(server, { username });
      const error = await nextEvent(socket, 'connect_error');
      assert.equal(error.message, 'bad_request', JSON.stringify(username));
      assert.equal(error.data.code, 'bad_request');
      assert.match(error.data.message, /username/);
      assert.equal(socket.connected, false);
    }
  });

  it('is not let into a room with an unusable username, but may try again', async () => {
    const bob = await connect(server);
    const room = freshName();
    for (const username of ['', ' ', 'x'.repeat(65), 'a\u0007b', 5, {}]) {
      await refused(bob, 'bad_request', 'join_room', { room, username });
    }
    assert.equal(await nameOf(bob, { username: 'bob' }), 'bob');
  });

  it('is one user with the others of the same name', async () => {
    const room = freshName();
    const [one, two] = [await connect(server, { username: 'zoe' }), await connect(server)];
    await join(one, room);
    const { members } = await join(two, room, { username: 'zoe' });
    assert.deepEqual(members, [{ user_id: 'zoe', username: 'zoe', connections: 2 }]);
    await fence(one, two, room);
    assert.deepEqual(received(one, 'user_joined'), []);
  });
});

describe('A namespace other than the chat', () => {
  for (const transports of [['polling'], ['websocket']]) {
    it(`is refused as invalid over ${transports}`, async () => {
      const socket = openSocket(server, { namespace: '/admin', transports });
      const error = await nextEvent(socket, 'connect_error');
      assert.equal(error.message, 'Invalid namespace');
    });
  }

  it('is refused without harm to the chat on the same connection', async () => {
    const session = await EngineWebSocket.open(server);
    session.send('40/admin,{"token":"x"}');
    assert.equal(await session.next(), '44/admin,{"message":"Invalid namespace"}');
    session.send('40{"username":"alice"}');
    assert.match(await session.next(), /^40\{"sid":"[^"]+"\}$/);
    session.send('421["join_room","identity"]');
    assert.match(await session.next(), /^431\[\{"ok":true/);
    session.ws.terminate();
  });
});

describe('The handshake', () => {
  it('tells the intervals and bounds of the contract', async () => {
    const session = await EngineWebSocket.open(server);
    const { sid, ...rest } = session.handshake;
    assert.ok(sid.length >= 20);
    assert.deepEqual(rest, {
      upgrades: [],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    });
    session.ws.terminate();
  });

  it('gives every connection and every socket its own id', async () => {
    const ids = new Set();
    for (let i = 0; i < 20; ++i) {
      const socket = await connect(server, { transports: [i % 2 ? 'polling' : 'websocket'] });
      ids.add(socket.id).add(socket.io.engine.id);
    }
    assert.equal(ids.size, 40);
  });
});

describe('A connection that joins no namespace', () => {
  it('is closed after connect_timeout, also when its attempts were refused', async () => {
    const hasty = await Server.start({ args: ['--connect-timeout', '2000'] });
    const session = await EngineWebSocket.open(hasty);
    session.send('40/admin,');
    assert.match(await session.next(), /^44\/admin,/);
    await session.closed;
    const polling = await EnginePolling.open(hasty);
    let answer;
    do answer = await polling.get();
    while (answer.status === 200);
    assert.equal(answer.body.code, 1);
    await hasty.stop();
  });
});

describe('A client that comes back', () => {
  it('after it closed itself joins and finds what it missed', async () => {
    const room = freshName();
    const [alice, bob] = [await connect(server), await connect(server, { username: 'bob' })];
    await join(alice, room, { username: 'alice' });
    await join(bob, room);
    await send(alice, room, 'one');
    bob.disconnect();
    assert.equal((await nextEvent(alice, 'user_left')).reason, 'disconnect');
    const missed = await send(alice, room, 'two');
    bob.connect();
    const { messages, gap } = await join(bob, room, { since: 1 });
    assert.deepEqual([messages, gap], [[missed], false]);
    assert.deepEqual((await ask(bob, 'get_members', room)).members_total, 2);
  });
});

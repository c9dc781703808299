// Rooms that are closed and opened again: who is told, what is refused, what can still be read, and
// who gets the room back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { freshName, soon, within } from './support.mjs';
import { ask, closeClients, connect, connected, fence, join } from './clients.mjs';
import { nextEvent, received, refused, send } from './clients.mjs';
import { requestAs, startWithTokens, tokenOf } from './proven.mjs';

let server;
let key;
before(async () => ({ server, key } = await startWithTokens()));
after(() => server.stop());
afterEach(closeClients);

const admin = tokenOf('root', { scope: 'admin' });
const enter = (user, options = {}) => connect(server, { auth: { token: tokenOf(user) }, ...options });
const http = (bearer, method, path, body) => requestAs(bearer, server, method, path, body);

async function ok(answer) {
  const { status, body } = await answer;
  assert.ok(status === 200 || status === 201, JSON.stringify(body));
  return body;
}

/// Makes a room of olga's with one message, and bob in it by each transport.
async function roomOfOlga() {
  const olga = await enter('olga');
  const { room } = await join(olga, freshName());
  const bob = await enter('bob');
  const polling = await enter('bob', { transports: ['polling'] });
  await join(bob, room.name);
  await join(polling, room.name);
  await nextEvent(olga, 'user_joined');
  const { seq } = await send(olga, room.id, 'farewell');
  for (const socket of [bob, polling]) await nextEvent(socket, 'new_message');
  return { room, olga, bob, polling, seq };
}

describe('A closed room', () => {
  it('is left by all, who are told so and hear of nobody else', async () => {
    const { room, olga, bob, polling } = await roomOfOlga();
    const { room: now } = await ask(olga, 'set_room', { room: room.id, closed: true });
    assert.deepEqual(now, { id: room.id, name: room.name, private: false, owner: 'olga', closed: true });
    for (const socket of [olga, bob, polling]) {
      assert.equal((await nextEvent(socket, 'room_updated')).closed, true);
      const { by, reason, banned } = await nextEvent(socket, 'kicked');
      assert.deepEqual([by, reason, banned], ['olga', 'closed', false]);
      assert.deepEqual(received(socket, 'user_left'), []);
    }
    await soon(async () =>
      assert.equal((await ok(http(admin, 'GET', `/api/rooms/${room.id}`))).members_total, 0),
    );
  });

  it('can be read and searched, and refuses everything else', async () => {
    const { room, olga, bob, seq } = await roomOfOlga();
    const path = `/api/rooms/${room.id}`;
    assert.equal((await http(tokenOf('bob'), 'PATCH', path, { closed: true })).status, 403);
    assert.equal((await ok(http(key, 'PATCH', path, { closed: true }))).closed, true);
    await nextEvent(bob, 'kicked');
    await nextEvent(olga, 'kicked');
    for (const socket of [olga, bob]) {
      await refused(socket, 'forbidden', 'join_room', { room: room.name });
      await refused(socket, 'forbidden', 'send_message', { room: room.id, content: 'x' });
      await refused(socket, 'forbidden', 'typing', { room: room.id, is_typing: true });
      assert.equal((await ask(socket, 'get_messages', room.id)).messages.length, 1);
      assert.equal((await ask(socket, 'mark_read', { room: room.id, seq })).seq, seq);
      await soon(async () => assert.equal((await ask(socket, 'get_members', room.id)).members_total, 0));
    }
    await refused(olga, 'forbidden', 'edit_message', { room: room.id, seq, content: 'x' });
    await refused(olga, 'forbidden', 'delete_message', { room: room.id, seq });
    const messages = `/api/messages/${room.id}`;
    for (const bearer of [tokenOf('olga'), admin, key])
      for (const [method, at, body] of [
        ['POST', messages, { content: 'x' }],
        ['PATCH', `${messages}/${seq}`, { content: 'x', user_id: 'olga' }],
        ['DELETE', `${messages}/${seq}?user_id=olga`],
      ]) {
        const { status, body: said } = await http(bearer, method, at, body);
        assert.equal(status, 403, `${method} ${at}`);
        assert.equal(said.error.code, 'forbidden');
      }
    const found = await ok(http(tokenOf('bob'), 'GET', `${messages}/search?q=farewell`));
    assert.deepEqual(found.results.map(({ message }) => message.seq), [seq]);
    const list = `/api/rooms?q=${encodeURIComponent(room.name)}`;
    assert.deepEqual((await ok(http(tokenOf('bob'), 'GET', list))).rooms.map((each) => each.closed), [true]);
    const taken = await http(tokenOf('bob'), 'POST', '/api/rooms', { name: room.name });
    assert.equal(taken.status, 409);
  });

  it('stays closed when the server was killed, until it is opened', async () => {
    const { room, olga, seq } = await roomOfOlga();
    await ask(olga, 'set_room', { room: room.id, closed: true });
    closeClients();
    await server.kill();
    await server.restart();
    const bob = await enter('bob');
    await refused(bob, 'forbidden', 'join_room', { room: room.name });
    const open = await ok(http(tokenOf('olga'), 'PATCH', `/api/rooms/${room.id}`, { closed: false }));
    assert.equal(open.closed, false);
    await soon(() => join(bob, room.name));
    assert.equal((await send(bob, room.id, 'hello again')).seq, seq + 1);
  });

  /// Adds carl, whose session can be recovered, to the room and to another one.
  async function withCarl({ room, olga }) {
    const other = freshName();
    const carl = await connect(server, {
      auth: { token: tokenOf('carl'), recover: true },
      reconnection: true,
      reconnectionDelay: 5,
      reconnectionDelayMax: 50,
    });
    await join(carl, other);
    await join(carl, room.name);
    await nextEvent(olga, 'user_joined', ({ user_id }) => user_id === 'carl');
    return { carl, other };
  }

  async function lose(carl) {
    carl.io.reconnection(false);
    const gone = once(carl, 'disconnect');
    carl.io.engine.transport.ws.terminate();
    await within(gone, 'disconnect');
  }

  it('is told once to a session that was there, which gets its other rooms back', async () => {
    const { room, olga, bob } = await roomOfOlga();
    const { carl, other } = await withCarl({ room, olga });
    await join(bob, other);
    await nextEvent(carl, 'user_joined', ({ room_id }) => room_id !== room.id);
    await ask(olga, 'set_room', { room: room.id, closed: true });
    await nextEvent(carl, 'kicked');
    await send(bob, other, 'before');
    await nextEvent(carl, 'new_message', ([{ content }]) => content === 'before');
    await lose(carl);
    await nextEvent(bob, 'user_left', ({ user_id }) => user_id === 'carl');
    await send(bob, other, 'meanwhile');
    carl.io.reconnection(true);
    carl.connect();
    await connected(carl);
    assert.equal(carl.recovered, true);
    await nextEvent(carl, 'new_message', ([{ content }]) => content === 'meanwhile');
    await fence(carl, carl, (await join(carl, other)).room.id);
    assert.equal(received(carl, 'kicked').length, 1);
    await refused(carl, 'forbidden', 'send_message', { room: room.id, content: 'x' });
  });

  for (const isOpened of [false, true])
    it(`is not given back to a session that was away${isOpened ? ', though it is open again' : ''}`, async () => {
      const { room, olga } = await roomOfOlga();
      const { carl, other } = await withCarl({ room, olga });
      await lose(carl);
      await nextEvent(olga, 'user_left', ({ user_id }) => user_id === 'carl');
      await ask(olga, 'set_room', { room: room.id, closed: true });
      if (isOpened) {
        await ask(olga, 'set_room', { room: room.id, closed: false });
        await join(olga, room.name);
        await send(olga, room.id, 'without carl');
      }
      carl.io.reconnection(true);
      carl.connect();
      await connected(carl);
      assert.equal(carl.recovered, true);
      assert.equal((await nextEvent(carl, 'kicked')).room_id, room.id);
      const code = isOpened ? 'not_a_member' : 'forbidden';
      await refused(carl, code, 'send_message', { room: room.id, content: 'x' });
      await fence(carl, carl, (await join(carl, other)).room.id);
      assert.ok(received(carl, 'new_message').every(({ room_id }) => room_id !== room.id));
    });
});

// A send_message with a client_id, repeated: stored once, sent to members once, acked each time.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, closeClients, connect, fence, join, nextEvent } from './clients.mjs';
import { received, refused, send } from './clients.mjs';
import { requestAs, startWithTokens, tokenOf } from './proven.mjs';

let server;
let alice;
let bob;
let room;
let roomId;
before(async () => (server = await Server.start()));
after(() => server?.stop());
beforeEach(async () => {
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob' });
  await join(alice, room);
  roomId = (await join(bob, room)).room.id;
});
afterEach(closeClients);

/// Fails unless the room's history is `messages` and bob, who was there, received each once.
async function storedAndHeard(...messages) {
  assert.deepEqual(await server.history(roomId), messages);
  const { id } = (await server.post(`/api/messages/${roomId}`, { content: 'the end' })).body;
  await nextEvent(bob, 'new_message', (message) => message.id === id);
  assert.deepEqual(received(bob, 'new_message').slice(0, -1), messages);
}

describe('A repeated client_id', () => {
  it('is acked with the first message and stores and tells nothing', async () => {
    const first = await send(alice, room, 'the first', { client_id: 'c1' });
    assert.equal(first.client_id, 'c1');
    const again = await send(alice, room, 'another text', { client_id: 'c1' });
    assert.deepEqual(again, first);
    await storedAndHeard(first);
  });

  it('takes no number', async () => {
    await send(alice, room, 'one', { client_id: 'c1' });
    await send(alice, room, 'one', { client_id: 'c1' });
    assert.equal((await send(alice, room, 'two')).seq, 2);
  });

  it('sent many times at once is stored once', async () => {
    const payload = { client_id: 'c1' };
    const tries = Array.from({ length: 20 }, () => send(alice, room, 'x', payload));
    const messages = await Promise.all(tries);
    messages.forEach((message) => assert.deepEqual(message, messages[0]));
    await storedAndHeard(messages[0]);
  });

  it('of another user, or in another room, is another message', async () => {
    const other = freshName();
    await join(alice, other);
    const first = await send(alice, room, 'alice', { client_id: 'c1' });
    const second = await send(bob, room, 'bob', { client_id: 'c1' });
    const third = await send(alice, other, 'elsewhere', { client_id: 'c1' });
    assert.equal(new Set([first.id, second.id, third.id]).size, 3);
    assert.equal(second.content, 'bob');
    assert.equal(third.seq, 1);
  });

  it('is acked with the first message although the sender is no member any more', async () => {
    const first = await send(alice, room, 'x', { client_id: 'c1' });
    await ask(alice, 'leave_room', room);
    assert.deepEqual(await send(alice, room, 'x', { client_id: 'c1' }), first);
    await refused(alice, 'not_a_member', 'send_message', { room, content: 'x', client_id: 'c2' });
    await storedAndHeard(first);
  });

  it('is known on another connection of the same user', async () => {
    const first = await send(alice, room, 'x', { client_id: 'c1' });
    alice.close();
    const again = await connect(server, { username: 'alice', transports: ['polling'] });
    assert.deepEqual(await send(again, room, 'x', { client_id: 'c1' }), first);
    await storedAndHeard(first);
  });

  it('is the same over HTTP and on a socket: 201 at first, then 200', async () => {
    const body = { username: 'alice', content: 'over HTTP', client_id: 'h1' };
    const first = await server.post(`/api/messages/${roomId}`, body);
    assert.equal(first.status, 201);
    const again = await server.post(`/api/messages/${roomId}`, body);
    assert.deepEqual([again.status, again.body], [200, first.body]);
    const byName = await server.post('/messages/', { ...body, room });
    assert.deepEqual([byName.status, byName.body], [200, first.body]);
    assert.deepEqual(await send(alice, room, 'on a socket', { client_id: 'h1' }), first.body);
    await storedAndHeard(first.body);
  });
});

describe('An Idempotency-Key', () => {
  const post = async (key, fields = {}) => {
    const answer = await fetch(`${server.url}/api/messages/${roomId}`, {
      method: 'POST',
      headers: { 'Idempotency-Key': key },
      body: JSON.stringify({ content: 'x', username: 'alice', ...fields }),
    });
    return { status: answer.status, body: await answer.json() };
  };

  it('repeats over HTTP what was first sent over the socket', async () => {
    const first = await send(alice, room, 'x', { client_id: 'c1' });
    for (const key of ['c1', '"c1"']) {
      const { status, body } = await post(key);
      assert.deepEqual([status, body], [200, first]);
    }
    await storedAndHeard(first);
  });

  it('makes a post repeatable, over the socket too', async () => {
    const { status, body } = await post('c1');
    assert.deepEqual([status, body.client_id], [201, 'c1']);
    assert.deepEqual(await post('c1'), { status: 200, body });
    assert.deepEqual(await send(alice, room, 'x', { client_id: 'c1' }), body);
    await storedAndHeard(body);
  });

  it('must be the client_id where that is given too', async () => {
    assert.equal((await post('c1', { client_id: 'c2' })).status, 400);
    assert.equal((await post('c1', { client_id: 'c1' })).status, 201);
  });
});

describe('A client_id', () => {
  it('appears wherever the message does, and nowhere else', async () => {
    const marked = await send(alice, room, 'x', { client_id: 'c1' });
    const plain = await send(alice, room, 'y');
    assert.equal('client_id' in plain, false);
    for (const message of [marked, plain]) assert.deepEqual(await nextEvent(bob, 'new_message'), message);
    assert.deepEqual((await ask(bob, 'get_messages', room)).messages, [marked, plain]);
    assert.deepEqual((await join(bob, room)).messages, [marked, plain]);
  });

  it('has 1 to 64 characters', async () => {
    const longest = '𝄞'.repeat(64);
    assert.equal((await send(alice, room, 'x', { client_id: longest })).client_id, longest);
    for (const client_id of ['', `${longest}x`, 5, {}, []]) {
      await refused(alice, 'bad_request', 'send_message', { room, content: 'x', client_id });
    }
  });

  it('over HTTP needs a name', async () => {
    const path = `/api/messages/${roomId}`;
    const { status, body } = await server.post(path, { content: 'x', client_id: 'c1' });
    assert.deepEqual([status, body.error.code], [400, 'bad_request']);
    const named = { content: 'x', client_id: 'c1', username: 'anonymous' };
    assert.equal((await server.post(path, named)).status, 400);
  });
});

describe('A client_id across restarts', () => {
  for (const ending of ['stop', 'kill']) {
    it(`is still known after the server's ${ending}`, async () => {
      const own = await Server.start();
      const before = await connect(own, { username: 'alice' });
      await join(before, room);
      const first = await send(before, room, 'x', { client_id: 'c1' });
      closeClients();
      await own[ending]();
      await own.restart();
      const later = await connect(own, { username: 'alice' });
      assert.deepEqual(await send(later, room, 'x', { client_id: 'c1' }), first);
      const { messages } = await join(later, room);
      assert.deepEqual(messages, [first]);
      await fence(later, later, room);
      closeClients();
      await own.stop();
    });
  }
});

describe('A repeated client_id of a user who may not send any more', () => {
  let proven;
  let key;
  before(async () => ({ server: proven, key } = await startWithTokens()));
  after(() => proven?.stop());
  const enter = (user) => connect(proven, { auth: { token: tokenOf(user) } });

  for (const [why, takesAway] of [
    ['who is mute', (owner, room) => ask(owner, 'mute_user', { room, user_id: 'vera' })],
    ['who is banned', (owner, room) => ask(owner, 'ban_user', { room, user_id: 'vera' })],
    ['whose room is closed', (owner, room) => ask(owner, 'set_room', { room, closed: true })],
  ])
    it(`${why}, is acked with the first message`, async () => {
      const owner = await enter('olga');
      const vera = await enter('vera');
      const { id } = (await join(owner, room)).room;
      await join(vera, room);
      const payload = { content: 'x', client_id: 'c1' };
      const first = await send(vera, room, 'x', payload);
      await takesAway(owner, room);

      assert.deepEqual(await send(vera, room, 'x', payload), first);
      for (const [bearer, name] of [
        [tokenOf('vera'), {}],
        [key, { user_id: 'vera' }],
      ]) {
        const post = (what) =>
          requestAs(bearer, proven, 'POST', `/api/messages/${id}`, { ...what, ...name });
        const again = await post(payload);
        assert.equal(again.status, 200, again.text);
        assert.deepEqual(again.body, first);
        assert.equal((await post({ content: 'x', client_id: 'c2' })).status, 403);
        assert.equal((await post({ content: 'x' })).status, 403);
      }
      await refused(vera, 'forbidden', 'send_message', { room, content: 'x', client_id: 'c2' });
      const { messages } = await ask(vera, 'get_messages', { room });
      assert.deepEqual(messages, [first]);
    });
});

// edit_message and delete_message, over the socket and over HTTP.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName, several, soon } from './support.mjs';
import { ask, closeClients, connect, fence, join, nextEvent } from './clients.mjs';
import { received, refused, send } from './clients.mjs';

let server;
let alice;
let bob;
let room;
before(async () => (server = await Server.start({ args: ['--open-edit'] })));
after(() => server?.stop());
beforeEach(async () => {
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob' });
  await join(alice, room);
  await join(bob, room);
});
afterEach(closeClients);

const edit = async (socket, seq, content) =>
  (await ask(socket, 'edit_message', { room, seq, content })).message;
const remove = async (socket, seq) => (await ask(socket, 'delete_message', { room, seq })).message;
const history = async () => (await ask(bob, 'get_messages', { room })).messages;

describe('edit_message', () => {
  it('changes the content, tells the others and keeps the numbers', async () => {
    const first = await send(alice, room, 'helo', { client_id: 'c1' });
    const now = await edit(alice, first.seq, ' hello ');
    const { edited_at, ...rest } = now;
    assert.deepEqual(rest, { ...first, content: 'hello', rev: first.rev + 1 });
    assert.ok(Date.parse(edited_at) >= Date.parse(first.created_at));
    assert.deepEqual(await nextEvent(bob, 'message_edited'), now);
    assert.deepEqual(await history(), [now]);
    await fence(alice, alice, room);
    assert.deepEqual(received(alice, 'message_edited'), []);
  });

  it('takes its turn among the messages, each change the next rev', async () => {
    const { seq, rev } = await send(alice, room, 'one');
    const [a, b, c] = await Promise.all([
      edit(alice, seq, 'two'),
      send(alice, room, 'other'),
      edit(alice, seq, 'three'),
    ]);
    assert.deepEqual([a.rev, b.rev, c.rev], [rev + 1, rev + 2, rev + 3]);
    assert.equal(b.seq, seq + 1);
    await nextEvent(bob, 'message_edited', (message) => message.rev === c.rev);
    const told = received(bob, 'message_edited');
    // Another server that reads the log, instead of hearing of each change, knows the last one alone.
    assert.deepEqual(told, several && told.length === 1 ? [c] : [a, c]);
  });

  it('is for the author alone, and for members', async () => {
    const { seq } = await send(alice, room, 'mine');
    const stranger = await connect(server, { username: 'alice' });
    for (const [event, more] of [['edit_message', { content: 'x' }], ['delete_message', {}]]) {
      await refused(bob, 'forbidden', event, { room, seq, ...more });
      await refused(stranger, 'not_a_member', event, { room, seq, ...more });
      await refused(alice, 'not_found', event, { room, seq: seq + 1, ...more });
      await refused(alice, 'bad_request', event, { room, seq: 0, ...more });
      await refused(alice, 'bad_request', event, { room, ...more });
    }
    await refused(alice, 'too_large', 'edit_message', { room, seq, content: 'x'.repeat(4001) });
    await refused(alice, 'bad_request', 'edit_message', { room, seq, content: ' ' });
    assert.equal((await history())[0].content, 'mine');
  });

  it('shows in the history of who joins later', async () => {
    const { seq } = await send(alice, room, 'old');
    const now = await edit(alice, seq, 'new');
    const carol = await connect(server, { username: 'carol' });
    await soon(async () => assert.deepEqual((await join(carol, room)).messages, [now]));
  });
});

describe('delete_message', () => {
  it('leaves a tombstone, once', async () => {
    const first = await send(alice, room, 'oops');
    const now = await remove(alice, first.seq);
    const { deleted_at, ...rest } = now;
    assert.deepEqual(rest, { ...first, content: '', rev: first.rev + 1 });
    assert.ok(Date.parse(deleted_at) >= Date.parse(first.created_at));
    assert.deepEqual(await nextEvent(bob, 'message_deleted'), now);
    assert.deepEqual(await remove(alice, first.seq), now);
    await fence(bob, alice, room);
    assert.deepEqual(received(bob, 'message_deleted'), [now]);
    assert.deepEqual((await history())[0], now);
    await refused(alice, 'not_found', 'edit_message', { room, seq: first.seq, content: 'x' });
  });

  it('outlives a restart of the server', async () => {
    const { seq } = await send(alice, room, 'oops');
    const now = await remove(alice, seq);
    await server.kill();
    await server.launch();
    const carol = await connect(server, { username: 'carol' });
    assert.deepEqual((await join(carol, room)).messages, [now]);
  });
});

describe('over HTTP', () => {
  const change = async (method, { room_id, seq }, query, body) => {
    const answer = await fetch(`${server.url}/api/messages/${room_id}/${seq}${query}`, {
      method,
      body: body && JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };

  it('a message is edited and deleted by its author', async () => {
    const message = await send(alice, room, 'helo');
    const edited = await change('PATCH', message, '', { content: 'hello', username: 'alice' });
    assert.deepEqual([edited.status, edited.body.content], [200, 'hello']);
    assert.deepEqual(await nextEvent(bob, 'message_edited'), edited.body);
    assert.deepEqual(await nextEvent(alice, 'message_edited'), edited.body);
    const refusal = await change('DELETE', message, '?username=bob');
    assert.deepEqual([refusal.status, refusal.body.error.code], [403, 'forbidden']);
    const deleted = await change('DELETE', message, '?username=alice');
    assert.deepEqual([deleted.status, deleted.body.content], [200, '']);
    assert.deepEqual(await nextEvent(alice, 'message_deleted'), deleted.body);
    assert.deepEqual(await history(), [deleted.body]);
  });

  it('a page of another origin may do it', async () => {
    const answer = await fetch(`${server.url}/api/messages/1/1`, {
      method: 'OPTIONS',
      headers: { origin: 'https://chat.example', 'access-control-request-method': 'PATCH' },
    });
    assert.match(answer.headers.get('access-control-allow-methods'), /PATCH, DELETE/);
  });
});

describe('where names are unproven and open_edit is off', () => {
  it('nobody edits or deletes', async () => {
    const strict = await Server.start();
    const dave = await connect(strict, { username: 'dave' });
    await join(dave, 'r');
    const { room_id, seq } = await send(dave, 'r', 'mine');
    await refused(dave, 'forbidden', 'edit_message', { room: 'r', seq, content: 'x' });
    await refused(dave, 'forbidden', 'delete_message', { room: 'r', seq });
    const url = `${strict.url}/api/messages/${room_id}/${seq}?username=dave`;
    assert.equal((await fetch(url, { method: 'DELETE' })).status, 403);
    const features = async ({ url: at }) => (await (await fetch(`${at}/api/info`)).json()).features;
    assert.ok(!(await features(strict)).includes('edit'));
    assert.ok((await features(server)).includes('edit'));
    await strict.stop();
  });
});

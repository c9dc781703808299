// mark_read, and the number of unread messages.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, closeClients, connect, fence, join, nextEvent } from './clients.mjs';
import { received, refused, send, sendMany } from './clients.mjs';

let server;
let alice;
let bob;
let room;
before(async () => (server = await Server.start()));
after(() => server?.stop());
beforeEach(async () => {
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob' });
  await join(alice, room);
  await join(bob, room);
});
afterEach(closeClients);

const mark = (socket, seq) => ask(socket, 'mark_read', { room, seq });
const listed = async (user) => {
  const query = new URLSearchParams({ q: room, ...(user && { user_id: user }) });
  const { rooms } = await (await fetch(`${server.url}/api/rooms?${query}`)).json();
  return rooms[0];
};

describe('mark_read', () => {
  it('tells how much is unread, never goes back and never passes the end', async () => {
    await sendMany(alice, room, 5);
    assert.deepEqual(await mark(bob, 2), { ok: true, seq: 2, unread: 3 });
    assert.deepEqual(await mark(bob, 1), { ok: true, seq: 2, unread: 3 });
    assert.deepEqual(await mark(bob, 99), { ok: true, seq: 5, unread: 0 });
  });

  it("tells the user's other sockets in the room, and nobody else", async () => {
    const phone = await connect(server, { username: 'bob' });
    const { room: joined } = await join(phone, room);
    const { seq } = await send(alice, room, 'hello');
    await mark(bob, seq);
    assert.deepEqual(await nextEvent(phone, 'read'), { room_id: joined.id, room, seq });
    await fence(alice, bob, room);
    await fence(bob, alice, room);
    assert.deepEqual([...received(alice, 'read'), ...received(bob, 'read')], []);
  });

  it('is for members', async () => {
    const carol = await connect(server, { username: 'carol' });
    await refused(carol, 'not_a_member', 'mark_read', { room, seq: 0 });
    await refused(bob, 'bad_request', 'mark_read', { room });
    await refused(bob, 'bad_request', 'mark_read', { room, seq: -1 });
  });
});

describe('what is unread', () => {
  it('is told by joins and by the list of rooms, across a restart', async () => {
    await sendMany(alice, room, 3);
    await send(bob, room, 'mine');
    await mark(bob, 1);
    await server.kill();
    await server.launch();
    const bobAgain = await connect(server, { username: 'bob' });
    const { read_seq, unread } = await join(bobAgain, room);
    assert.deepEqual([read_seq, unread], [1, 2]);
    const { read_seq: there, unread: count } = await listed('bob');
    assert.deepEqual([there, count], [1, 2]);
    const stranger = await listed('nobody');
    assert.deepEqual([stranger.read_seq, stranger.unread], [0, 4]);
    assert.ok(!('unread' in (await listed())));
  });

  it('counts to a thousand and no further', async () => {
    await sendMany(alice, room, 1001, { window: 200 });
    assert.equal((await mark(bob, 0)).unread, 1000);
    assert.equal((await mark(bob, 1)).unread, 1000);
    assert.equal((await mark(bob, 2)).unread, 999);
  });
});

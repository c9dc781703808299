// Naming, joining and leaving rooms over Socket.IO.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName, several, soon } from './support.mjs';
import { ask, closeClients, connect, emitAck, fence, join, nextEvent } from './clients.mjs';
import { received, refused, send } from './clients.mjs';

let server;
let alice;
let bob;
before(async () => (server = await Server.start()));
after(() => server?.stop());
beforeEach(async () => {
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob' });
});
afterEach(closeClients);

/// Resolves once the server of `socket` knows so many members of a room.
const knows = (socket, room, count) =>
  soon(async () => assert.equal((await ask(socket, 'get_members', { room })).members_total, count));

describe('A room', () => {
  it('is named by a string, its number, or room_id as a number or as digits', async () => {
    const name = freshName();
    const { id } = (await join(alice, name)).room;
    const ways = [{ room: name }, { room: id }, { room_id: id }, { room_id: String(id) }];
    for (const way of ways) {
      assert.deepEqual((await ask(bob, 'join_room', way)).room, { id, name, first_seq: 1, last_seq: 0 });
      await ask(bob, 'get_messages', way);
      await ask(bob, 'get_members', way);
      await ask(bob, 'typing', { ...way, is_typing: false });
      await ask(bob, 'leave_room', way);
    }
    await join(bob, name);
    for (const way of ways) await ask(bob, 'send_message', { ...way, content: 'x' });
  });

  it('is named by the bare string or number where nothing else is needed', async () => {
    const name = freshName();
    const { id } = (await join(alice, name)).room;
    for (const bare of [name, id]) {
      assert.equal((await ask(bob, 'join', bare)).room.id, id);
      await ask(bob, 'get_messages', bare);
      await ask(bob, 'get_members', bare);
      await ask(bob, 'leave', bare);
    }
  });

  it('with digits for a name is not the room with that number', async () => {
    const { id } = (await join(alice, freshName())).room;
    const digits = await join(alice, String(id));
    assert.notEqual(digits.room.id, id);
    assert.equal(digits.room.name, String(id));
  });

  it('needs a name or a number', async () => {
    const bad = [undefined, null, true, [], {}, 1.5, { room: null }, { room: {} }, { room: 1.5 }];
    bad.push({ room: ['x'] }, { room: true }, { room_id: 'abc' }, { room_id: {} }, '', ' \t');
    for (const event of ['join_room', 'leave_room', 'get_messages', 'get_members']) {
      for (const payload of bad) await refused(alice, 'bad_request', event, payload);
    }
    for (const payload of bad) {
      await refused(alice, 'bad_request', 'send_message', { ...payload, content: 'x' });
      await refused(alice, 'bad_request', 'typing', { ...payload, is_typing: true });
    }
    await refused(alice, 'bad_request', 'join_room');
  });

  it('has a name of 1 to 64 characters, trimmed at both ends and otherwise kept', async () => {
    const longest = '𝄞'.repeat(64);
    assert.equal((await join(alice, longest)).room.name, longest);
    await refused(alice, 'bad_request', 'join_room', { room: `${longest}x` });
    const name = freshName('Räume und  Gänge');
    const { room } = await join(alice, `\u2003\u00a0\t${name} \u3000\n`);
    assert.equal(room.name, name);
    assert.equal((await join(bob, name)).room.id, room.id);
  });

  it('is told from others byte by byte', async () => {
    const stem = freshName('caf');
    const names = [`${stem}é`, `${stem}e\u0301`, `${stem}É`];
    const ids = [];
    for (const name of names) ids.push((await join(alice, name)).room.id);
    assert.equal(new Set(ids).size, 3);
  });

  it('has no control characters and no lone surrogates in its name', async () => {
    for (const name of ['a\u0000b', 'a\nb', 'a\u007fb', 'a\u0085b']) {
      await refused(alice, 'bad_request', 'join_room', { room: name });
    }
    await refused(alice, 'bad_request', 'join_room', { room: 'a\ud800b' });
  });

  it('that does not exist is created by joining its name but not by its number', async () => {
    const name = freshName();
    for (const event of ['get_messages', 'get_members']) {
      await refused(alice, 'not_found', event, { room: name });
    }
    await refused(alice, 'not_found', 'send_message', { room: name, content: 'x' });
    for (const event of ['join_room', 'get_messages', 'get_members']) {
      await refused(alice, 'not_found', event, { room: 999_999_999 });
    }
    await refused(alice, 'not_found', 'send_message', { room_id: '999999999', content: 'x' });
    assert.ok((await join(alice, name)).room.id > 0);
  });
});

describe('Joining', () => {
  it('answers with the room, its members, its newest messages and gap', async () => {
    const name = freshName();
    const { room } = await join(alice, name);
    const sent = [await send(alice, name, 'one'), await send(alice, name, 'two')];
    const ack = await join(bob, name);
    assert.deepEqual(Object.keys(ack).sort(), [
      'gap',
      'members',
      'members_total',
      'messages',
      'ok',
      'read_seq',
      'room',
      'unread',
    ]);
    assert.deepEqual(ack.room, { id: room.id, name, first_seq: 1, last_seq: 2 });
    assert.deepEqual(ack.messages, sent);
    assert.equal(ack.gap, false);
    // A server on which the room wakes is told of the members on others a moment later.
    await knows(bob, name, 2);
    const known = several ? await join(bob, name) : ack;
    const names = known.members.map((member) => member.user_id).sort();
    assert.deepEqual(names, ['alice', 'bob']);
    assert.equal(known.members_total, 2);
  });

  it('has the other spelling, join', async () => {
    const name = freshName();
    await ask(alice, 'join', { room: name });
    await ask(bob, 'join', { room: name });
    assert.equal((await nextEvent(alice, 'user_joined')).user_id, 'bob');
    await ask(bob, 'leave', { room: name });
    assert.equal((await nextEvent(alice, 'user_left')).user_id, 'bob');
  });

  it('twice is no error and is told to nobody', async () => {
    const name = freshName();
    await join(alice, name);
    let once = await join(bob, name);
    await knows(bob, name, 2);
    if (several) once = await join(bob, name); // the first one may not have known alice
    const again = await join(bob, name);
    assert.deepEqual(again, once);
    await fence(alice, bob, name);
    if (!several) assert.equal(received(alice, 'user_joined').length, 1);
    await ask(bob, 'leave_room', { room: name });
    await nextEvent(alice, 'user_left'); // which comes after all that was told of his joins
    assert.equal(received(alice, 'user_joined').length, 1);
    await refused(bob, 'not_a_member', 'send_message', { room: name, content: 'x' });
  });

  it('brings as many messages as history asks for, 50 unless told, 0 to 200', async () => {
    const name = freshName();
    await join(alice, name);
    for (let i = 0; i < 55; ++i) await send(alice, name, `m${i}`);
    const seqs = async (options) =>
      (await join(bob, name, options)).messages.map((message) => message.seq);
    assert.deepEqual(
      await seqs({}),
      Array.from({ length: 50 }, (_, i) => i + 6),
    );
    assert.deepEqual(await seqs({ history: 0 }), []);
    assert.deepEqual(await seqs({ history: 2 }), [54, 55]);
    assert.equal((await seqs({ history: 200 })).length, 55);
    for (const history of [-1, 201, 1.5, '5', {}, 1e30]) {
      await refused(bob, 'bad_request', 'join_room', { room: name, history });
    }
  });

  it('is refused in the 101st room of a socket until it leaves one', async () => {
    const stem = freshName();
    for (let i = 0; i < 100; ++i) await join(alice, `${stem}-${i}`);
    await refused(alice, 'limit_exceeded', 'join_room', { room: `${stem}-100` });
    await join(alice, `${stem}-0`);
    await join(bob, `${stem}-100`);
    await ask(alice, 'leave_room', { room: `${stem}-0` });
    await join(alice, `${stem}-100`);
  });

  it('that failed leaves the socket outside', async () => {
    const name = freshName();
    await join(alice, name);
    await refused(bob, 'bad_request', 'join_room', { room: name, history: 201 });
    await refused(bob, 'not_a_member', 'send_message', { room: name, content: 'x' });
    await fence(alice, alice, name);
    assert.deepEqual(received(alice, 'user_joined'), []);
  });
});

describe('Leaving', () => {
  it('is acked with ok alone and ends what the room says to the socket', async () => {
    const name = freshName();
    await join(alice, name);
    await join(bob, name);
    assert.deepEqual(await emitAck(bob, 'leave_room', { room: name }), { ok: true });
    const missed = await send(alice, name, 'nobody hears this');
    const { room } = await join(bob, name, { history: 0 });
    // Another server may hear of it after the join, which then says so.
    if (!several) assert.equal(room.last_seq, missed.seq);
    await fence(bob, alice, name);
    const heard = received(bob, 'new_message').map((message) => message.content);
    assert.deepEqual(heard, [missed.content, 'fence'].slice(room.last_seq));
  });

  it('a room not joined is no error and is told to nobody', async () => {
    const name = freshName();
    await join(alice, name);
    await ask(bob, 'leave_room', { room: name });
    await fence(alice, alice, name);
    assert.deepEqual(received(alice, 'user_left'), []);
  });
});

describe('get_members', () => {
  it('pages through the members by user_id', async () => {
    const name = freshName();
    const users = ['dora', 'carl', 'erik', 'frida', 'gina'];
    let member;
    for (const username of users) {
      member = await connect(server, { username });
      await join(member, name);
    }
    // A server on which nobody is in the room does not know who is there on others.
    const asker = several ? member : alice;
    await knows(asker, name, users.length);
    const page = (options) => ask(asker, 'get_members', { room: name, ...options });
    const first = await page({ limit: 2 });
    assert.deepEqual(first.members, [
      { user_id: 'carl', username: 'carl', connections: 1 },
      { user_id: 'dora', username: 'dora', connections: 1 },
    ]);
    assert.equal(first.members_total, 5);
    const ids = (answer) => answer.members.map((member) => member.user_id);
    const second = await page({ limit: 2, after: first.next });
    assert.deepEqual(ids(second), ['erik', 'frida']);
    const last = await page({ limit: 2, after: second.next });
    assert.deepEqual([ids(last), last.next], [['gina'], null]);
    const whole = await page({ limit: 5 });
    assert.deepEqual([ids(whole).length, whole.next], [5, null]);
    assert.deepEqual(ids(await page({ after: 'e' })), ['erik', 'frida', 'gina']);
    for (const limit of [0, 1001, -1, '5', 2.5]) {
      await refused(alice, 'bad_request', 'get_members', { room: name, limit });
    }
    await refused(alice, 'bad_request', 'get_members', { room: name, after: 5 });
  });
});

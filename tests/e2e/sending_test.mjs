// send_message, and how failures of any event are reported.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, closeClients, connect, emitAck, fence, join, nextEvent } from './clients.mjs';
import { received, refused, send } from './clients.mjs';
import { connectRaw } from './raw.mjs';

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

describe('send_message', () => {
  it('calls its text content, message or text, preferred in that order', async () => {
    const text = async (fields) =>
      (await ask(alice, 'send_message', { room, ...fields })).message.content;
    assert.equal(await text({ content: 'a' }), 'a');
    assert.equal(await text({ message: 'b' }), 'b');
    assert.equal(await text({ text: 'c' }), 'c');
    assert.equal(await text({ text: 'c', message: 'b', content: 'a' }), 'a');
    assert.equal(await text({ text: 'c', message: 'b' }), 'b');
  });

  it('with an ack gives the sender its copy there, without one by event', async () => {
    const acked = await send(alice, room, 'with ack');
    alice.emit('send_message', { room, content: 'without ack' });
    const echoed = await nextEvent(alice, 'new_message');
    assert.equal(echoed.content, 'without ack');
    assert.deepEqual(received(alice, 'new_message'), [echoed]);
    assert.deepEqual(await nextEvent(bob, 'new_message'), acked);
    assert.deepEqual(await nextEvent(bob, 'new_message'), echoed);
  });

  it('reaches the other sockets of the sender', async () => {
    const phone = await connect(server, { username: 'alice' });
    await join(phone, room);
    const message = await send(alice, room, 'hello');
    assert.deepEqual(await nextEvent(phone, 'new_message'), message);
  });

  it('is acked before the next message of the room arrives', async () => {
    const arrivals = [];
    alice.on('new_message', (message) => arrivals.push(message.seq));
    const acks = [];
    for (let i = 0; i < 30; ++i) {
      const acked = new Promise((resolve) => {
        alice.emit('send_message', { room, content: `a${i}` }, (ack) => {
          resolve(arrivals.push(ack.message.seq));
        });
      });
      acks.push(acked, send(bob, room, `b${i}`));
    }
    await Promise.all(acks);
    await fence(alice, bob, room);
    assert.deepEqual(
      arrivals.slice(0, 60),
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
  });

  it('takes content of up to 4000 characters, whatever their size in bytes', async () => {
    const longest = '𝄞'.repeat(4000);
    assert.equal((await send(alice, room, longest)).content, longest);
    assert.equal((await nextEvent(bob, 'new_message')).content, longest);
    await refused(alice, 'too_large', 'send_message', { room, content: `${longest}x` });
    assert.equal((await send(alice, room, `${' '.repeat(50)}${longest}\n\n`)).seq, 2);
  });

  it('trims Unicode white space at both ends and keeps what is between', async () => {
    const sent = await send(alice, room, '\u3000 \u00a0\n a \t b \u2028\u2003\r\n');
    assert.equal(sent.content, 'a \t b');
    for (const content of ['', ' ', '\n\t', '\u2003\u3000\u00a0\u2028']) {
      await refused(alice, 'bad_request', 'send_message', { room, content });
    }
  });

  it('refuses content that is missing or no string', async () => {
    await refused(alice, 'bad_request', 'send_message', { room });
    for (const content of [null, 5, true, [], {}, ['x'], Buffer.from('bytes')]) {
      await refused(alice, 'bad_request', 'send_message', { room, content });
    }
    await refused(alice, 'bad_request', 'send_message', room);
    await refused(alice, 'bad_request', 'send_message');
  });

  it('refuses NUL and lone surrogates but takes pairs and other control characters', async () => {
    await refused(alice, 'bad_request', 'send_message', { room, content: 'a\u0000b' });
    assert.equal((await send(alice, room, 'a\u0007b\u001fc')).content, 'a\u0007b\u001fc');
    const raw = await connectRaw(server, { auth: { username: 'carol' } });
    raw.send(`420["join_room",${JSON.stringify(room)}]`);
    assert.match(await raw.find((packet) => packet.startsWith('430')), /"ok":true/);
    const bad = ['\\ud800', '\\udc00', 'x\\ud83dx', '\\ude00\\ud83d', '\\u0000'];
    for (const escape of bad) {
      raw.send(`421["send_message",{"room":${JSON.stringify(room)},"content":"a${escape}b"}]`);
      assert.match(await raw.find((packet) => packet.startsWith('431')), /"code":"bad_request"/);
    }
    raw.send(`422["send_message",{"room":${JSON.stringify(room)},"content":"\\ud83d\\ude00"}]`);
    assert.match(await raw.find((packet) => packet.startsWith('432')), /"ok":true/);
    assert.equal((await nextEvent(bob, 'new_message', (m) => m.user_id === 'carol')).content, '😀');
  });

  it('to a room not joined is not_a_member', async () => {
    const other = freshName();
    await join(bob, other);
    await refused(alice, 'not_a_member', 'send_message', { room: other, content: 'x' });
    await refused(alice, 'not_a_member', 'typing', { room: other, is_typing: true });
    await fence(bob, bob, other);
    assert.deepEqual(received(bob, 'typing'), []);
    assert.equal((await ask(bob, 'get_messages', other)).messages.length, 1);
  });

  it('refused takes no number', async () => {
    await send(alice, room, 'one');
    await refused(alice, 'bad_request', 'send_message', { room, content: ' ' });
    assert.equal((await send(alice, room, 'two')).seq, 2);
  });

  it('ignores fields it does not know and usernames once the socket has a name', async () => {
    const payload = { room, content: 'x', username: 'mallory', extra: { deep: [1] } };
    assert.equal((await ask(alice, 'send_message', payload)).message.username, 'alice');
  });
});

describe('With echo_to_sender', () => {
  it('the sender receives its message by ack and by event', async () => {
    const echoing = await Server.start({ args: ['--echo-to-sender'] });
    try {
      const carol = await connect(echoing, { username: 'carol' });
      await join(carol, room);
      const sent = await send(carol, room, 'hello');
      assert.deepEqual(await nextEvent(carol, 'new_message'), sent);
    } finally {
      closeClients();
      await echoing.stop();
    }
  });
});

describe('A failed event', () => {
  it('is told by the event error where no ack was asked for, under the name the client used', async () => {
    const failures = [
      ['join', { room: '' }, 'bad_request'],
      ['join_room', { room: 999_999_999 }, 'not_found'],
      ['send_message', { room: freshName(), content: 'x' }, 'not_found'],
      ['typing', { room }, 'bad_request'],
      ['no such event', {}, 'unknown_event'],
      ['error', {}, 'unknown_event'],
      ['new_message', {}, 'unknown_event'],
      ['', {}, 'unknown_event'],
    ];
    for (const [event, payload, code] of failures) {
      alice.emit(event, payload);
      const error = await nextEvent(alice, 'error');
      assert.deepEqual(Object.keys(error).sort(), ['code', 'event', 'message']);
      assert.deepEqual([error.event, error.code], [event, code]);
      assert.ok(error.message.length > 0);
    }
    assert.ok(alice.connected);
  });

  it('is told by the ack alone where one was asked for', async () => {
    await refused(alice, 'bad_request', 'join_room', { room: '' });
    await refused(alice, 'unknown_event', 'shout', { room });
    await fence(alice, bob, room);
    assert.deepEqual(received(alice, 'error'), []);
  });

  it('with a numeric name is unknown_event', async () => {
    await refused(alice, 'unknown_event', 42, { room });
    alice.emit(42, {});
    const error = await nextEvent(alice, 'error');
    assert.equal(error.code, 'unknown_event');
    assert.equal(String(error.event), '42');
  });

  it('with attachments is answered like any other', async () => {
    await refused(alice, 'unknown_event', 'upload', Buffer.from([1, 2, 3]));
    await refused(alice, 'bad_request', 'join_room', { room: Buffer.from('lobby') });
    alice.emit('upload', { file: Buffer.from([1]) });
    assert.equal((await nextEvent(alice, 'error')).event, 'upload');
  });

  it('of typing says which field is wrong', async () => {
    for (const is_typing of [undefined, null, 1, 'true', {}]) {
      const error = await refused(alice, 'bad_request', 'typing', { room, is_typing });
      assert.match(error.message, /is_typing/);
    }
  });

  it('closes nothing', async () => {
    for (let i = 0; i < 20; ++i) await emitAck(alice, 'shout', i);
    await fence(alice, bob, room);
    assert.ok(alice.connected);
  });
});

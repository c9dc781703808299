// Who sees whom type, and when typing ends.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName, several } from './support.mjs';
import { ask, closeClients, connect, fence, join, nextEvent } from './clients.mjs';
import { received, send, typeUntilHeard } from './clients.mjs';

let server;
let alice;
let bob;
let room;
let typing;
let heardBefore; // how many events `typing` bob had heard by then
before(async () => (server = await Server.start()));
after(() => server?.stop());
beforeEach(async () => {
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob' });
  await join(alice, room);
  const { id } = (await join(bob, room)).room;
  typing = (user, is_typing) => ({ room_id: id, room, user_id: user, username: user, is_typing });
  if (several) await untilHeard();
  heardBefore = received(bob, 'typing').length;
});
afterEach(closeClients);

/// Has alice type until bob hears it. Typing has ended again when it returns.
async function untilHeard() {
  await typeUntilHeard(alice, bob, room);
  await ask(alice, 'typing', { room, is_typing: false });
  for (let last; last !== false; ) last = (await nextEvent(bob, 'typing')).is_typing;
}

const heardByBob = () => received(bob, 'typing').slice(heardBefore);

describe('Typing', () => {
  it('is seen by the members who are other users, each time it is sent', async () => {
    const tablet = await connect(server, { username: 'alice' });
    const outsider = await connect(server, { username: 'carol' });
    await join(tablet, room);
    // The end of what has ended already is told by alice's own server only.
    const again = several ? [] : [false];
    const states = [true, true, false, ...again, true, false];
    for (const is_typing of states) alice.emit('typing', { room, is_typing });
    for (const state of states) {
      assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', state));
    }
    await fence(tablet, alice, room);
    for (const socket of [alice, tablet, outsider]) {
      assert.deepEqual(received(socket, 'typing'), []);
    }
  });

  it('is acked where an ack was asked for', async () => {
    assert.deepEqual(await ask(alice, 'typing', { room, is_typing: true }), { ok: true });
  });

  it('ends by itself when it is not renewed', async () => {
    await ask(alice, 'typing', { room, is_typing: true });
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', true));
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', false));
    await fence(bob, alice, room);
    assert.equal(heardByBob().length, 2);
  });

  it('ends with the message', async () => {
    await ask(alice, 'typing', { room, is_typing: true });
    await send(alice, room, 'done');
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', true));
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', false));
    await nextEvent(bob, 'new_message');
  });

  it('ends when the user leaves', async () => {
    await ask(alice, 'typing', { room, is_typing: true });
    await ask(alice, 'leave_room', room);
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', true));
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', false));
    await nextEvent(bob, 'user_left');
  });

  it('ends when the connection does', async () => {
    await ask(alice, 'typing', { room, is_typing: true });
    alice.close();
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', true));
    assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', false));
    assert.equal((await nextEvent(bob, 'user_left')).reason, 'disconnect');
  });

  it('is of the user: the last word of any of its sockets wins', async () => {
    const tablet = await connect(server, { username: 'alice' });
    await join(tablet, room);
    await ask(alice, 'typing', { room, is_typing: true });
    await ask(tablet, 'typing', { room, is_typing: false });
    await send(alice, room, 'done');
    for (const state of [true, false]) {
      assert.deepEqual(await nextEvent(bob, 'typing'), typing('alice', state));
    }
    await nextEvent(bob, 'new_message');
    assert.equal(heardByBob().length, 2);
  });

  it('that never began does not end', async () => {
    await send(alice, room, 'no typing before');
    await ask(alice, 'leave_room', room);
    await nextEvent(bob, 'user_left');
    assert.deepEqual(heardByBob(), []);
  });

  it('is not stored', async () => {
    await ask(alice, 'typing', { room, is_typing: true });
    await ask(alice, 'typing', { room, is_typing: false });
    const carol = await connect(server, { username: 'carol' });
    const { messages, room: state } = await join(carol, room);
    assert.deepEqual([messages, state.last_seq], [[], 0]);
    await fence(carol, alice, room);
    assert.deepEqual(received(carol, 'typing'), []);
  });
});

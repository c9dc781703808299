// Two people in a room, over every pair of transports, and a program that posts over HTTP.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, several, soon } from './support.mjs';
import * as clients from './clients.mjs';
import { closeClients, connect, join, nextEvent, onTransport, ask, send } from './clients.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());
afterEach(closeClients);

const pairs = clients.transportChoices.flatMap((mine) =>
  clients.transportChoices.map((hers) => [mine, hers]),
);

for (const [mine, hers] of pairs) {
  describe(`A chat between ${mine.title} and ${hers.title}`, () => {
    const both = async () => [
      await connect(server, { username: 'alice', transports: mine.transports }),
      await connect(server, { username: 'bob', transports: hers.transports }),
    ];

    it('lets two people join, talk, see each other type, leave, come back and find the history', async () => {
      const room = freshName();
      const [alice, bob] = await both();

      const first = await join(alice, room);
      assert.deepEqual(first.messages, []);
      assert.deepEqual(first.members, [{ user_id: 'alice', username: 'alice', connections: 1 }]);
      const second = await join(bob, room);
      assert.equal(second.room.id, first.room.id);
      if (!several) assert.equal(second.members_total, 2); // else it hears of alice right after
      const joined = await nextEvent(alice, 'user_joined');
      const roomFields = { room_id: first.room.id, room };
      const bobFields = { ...roomFields, user_id: 'bob', username: 'bob' };
      assert.deepEqual(joined, { ...bobFields, members_total: 2 });

      const typing = await clients.typeUntilHeard(bob, alice, room);
      assert.deepEqual(typing, { ...bobFields, is_typing: true });
      const hello = await send(bob, room, 'Grüße, alice 👋');
      assert.deepEqual(await nextEvent(alice, 'new_message'), hello);
      const over = await nextEvent(alice, 'typing', ({ is_typing }) => !is_typing);
      assert.deepEqual(over, { ...bobFields, is_typing: false });
      const answer = await send(alice, room, 'hello, bob');
      assert.deepEqual(await nextEvent(bob, 'new_message'), answer);

      await ask(bob, 'leave_room', { room });
      assert.deepEqual(await nextEvent(alice, 'user_left'), {
        ...bobFields,
        members_total: 1,
        reason: 'leave',
      });
      const missed = await send(alice, room, 'are you there?');
      const back = await soon(async () => {
        const again = await join(bob, room);
        assert.deepEqual(again.messages, [hello, answer, missed]);
        return again;
      });
      assert.deepEqual(back.room, { id: first.room.id, name: room, first_seq: 1, last_seq: 3 });

      await onTransport(alice, mine.ends);
      await onTransport(bob, hers.ends);
    });

    it('hears what a third program posts over HTTP', async () => {
      const room = freshName();
      const [alice, bob] = await both();
      const { id } = (await join(alice, room)).room;
      await join(bob, room);
      const { status, body } = await server.post(`/api/messages/${id}`, {
        username: 'carol',
        content: 'from outside',
      });
      assert.equal(status, 201);
      assert.equal(body.username, 'carol');
      assert.deepEqual(await nextEvent(alice, 'new_message'), body);
      assert.deepEqual(await nextEvent(bob, 'new_message'), body);
    });
  });
}

describe('A message', () => {
  it('has an id, its room, its place in the room, its author and a time', async () => {
    const alice = await connect(server, { username: 'alice' });
    const room = freshName();
    const { id } = (await join(alice, room)).room;
    const message = await send(alice, room, 'hello', { client_id: 'c-1' });
    const { id: messageId, created_at: createdAt, ...rest } = message;
    assert.ok(Number.isSafeInteger(messageId) && messageId > 0);
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, {
      room_id: id,
      room,
      seq: 1,
      rev: 1,
      user_id: 'alice',
      username: 'alice',
      content: 'hello',
      client_id: 'c-1',
    });
  });

  it('has an id that grows over all rooms and a seq that starts at 1 in each', async () => {
    const alice = await connect(server, { username: 'alice' });
    const [here, there] = [freshName(), freshName()];
    await join(alice, here);
    await join(alice, there);
    const sent = [];
    for (const room of [here, there, here, there]) sent.push(await send(alice, room, 'x'));
    assert.deepEqual(
      sent.map((message) => message.seq),
      [1, 1, 2, 2],
    );
    sent.slice(1).forEach((message, i) => assert.ok(message.id > sent[i].id));
  });

  it('is found in the history exactly as it was received', async () => {
    const alice = await connect(server, { username: 'alice' });
    const bob = await connect(server, { username: 'bob' });
    const room = freshName();
    await join(alice, room);
    const { id } = (await join(bob, room)).room;
    const sent = await send(
      alice,
      room,
      'line one\nline two\t"quoted" \\ \u0001 \u2028 𝄞 é e\u0301',
    );
    assert.deepEqual(await nextEvent(bob, 'new_message'), sent);
    assert.deepEqual((await ask(bob, 'get_messages', { room })).messages, [sent]);
    assert.deepEqual((await server.get(`/api/messages/${id}`)).body, {
      messages: [sent],
      has_more: false,
    });
  });
});

// Orders of owners and admins in a room whose members are on two servers: each order is an entry of
// the room's log, so that both servers carry it out between the same two messages. Once by the head
// poll alone, and once over a bus while the head poll is as slow as it may be. Run by
// tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertSound, freshName, until } from '../support.mjs';
import { ask, closeClients, connect, emitAck, join, nextEvent, received, refused, send } from '../clients.mjs';
import { requestAs, startWithTokens, tokenOf } from '../proven.mjs';

const enter = (server, user) => connect(server, { auth: { token: tokenOf(user) } });
const admin = tokenOf('root', { scope: 'admin' });

async function ok(answer) {
  const { status, body } = await answer;
  assert.ok(status === 200 || status === 201, JSON.stringify(body));
  return body;
}

function carriesOut(how, args) {
  describe(`An order on one server, with ${how}`, () => {
    let one;
    let two;
    before(async () => {
      const asNode = (number) => ['--node-id', String(number), ...args];
      ({ server: one } = await startWithTokens({ args: asNode(1) }));
      ({ server: two } = await startWithTokens({ args: asNode(2), database: one.database }));
    });
    after(async () => {
      await one.stop();
      await two.stop();
      await assertSound(one);
    });
    afterEach(closeClients);

    /// A room of olga's, who is on the first server; ben and cy are on the second.
    async function shared() {
      const name = freshName();
      const olga = await enter(one, 'olga');
      const { room } = await join(olga, name);
      const ben = await enter(two, 'ben');
      const cy = await enter(two, 'cy');
      await join(ben, room.id);
      await join(cy, room.id);
      return { room: room.id, olga, ben, cy };
    }

    it('bans a member on the other between two messages', async () => {
      const { room, olga, ben, cy } = await shared();
      const before = await send(olga, room, 'before');
      await ok(requestAs(admin, one, 'PUT', `/api/rooms/${room}/bans/ben`, { reason: 'enough' }));
      const behind = await send(olga, room, 'after');
      const kicked = await nextEvent(ben, 'kicked');
      assert.equal(kicked.banned, true);
      assert.equal(kicked.by, 'root');
      assert.equal(kicked.reason, 'enough');
      await nextEvent(cy, 'new_message', ({ seq }) => seq === behind.seq);
      assert.equal(behind.rev, before.rev + 2, 'the ban has a rev of its own');
      assert.deepEqual(received(ben, 'new_message').map(({ seq }) => seq), [before.seq]);
      assert.deepEqual(received(cy, 'new_message').map(({ seq }) => seq), [before.seq, behind.seq]);
      await refused(ben, 'forbidden', 'join_room', { room });
      // It is lifted on the other one, and in force on this one.
      await ok(requestAs(admin, two, 'DELETE', `/api/rooms/${room}/bans/ben`));
      await join(ben, room);
      const back = await enter(one, 'ben');
      await send(olga, room, 'on'); // brings what the other server wrote
      await join(back, room);
    });

    it('mutes, unmutes and kicks a member on the other', async () => {
      const { room, olga, ben } = await shared();
      await ok(requestAs(admin, one, 'PUT', `/api/rooms/${room}/mutes/ben`));
      await nextEvent(ben, 'muted');
      await refused(ben, 'forbidden', 'send_message', { room, content: 'hi' });
      await ok(requestAs(admin, one, 'DELETE', `/api/rooms/${room}/mutes/ben`));
      await nextEvent(ben, 'unmuted');
      await send(ben, room, 'hi');
      await nextEvent(olga, 'new_message', ({ user_id }) => user_id === 'ben');
      await nextEvent(olga, 'user_joined', ({ user_id }) => user_id === 'ben');
      const { body } = await requestAs(admin, one, 'POST', `/api/rooms/${room}/kicks`, { user_id: 'ben' });
      assert.deepEqual(body, { kicked: 1 });
      assert.equal((await nextEvent(ben, 'kicked')).banned, false);
    });

    it('closes a room, and opens it again', async () => {
      const { room, olga, ben, cy } = await shared();
      const before = await send(olga, room, 'before');
      const closed = await ask(olga, 'set_room', { room, closed: true });
      assert.equal(closed.room.closed, true);
      for (const socket of [olga, ben, cy]) {
        assert.equal((await nextEvent(socket, 'room_updated')).closed, true);
        const { by, reason } = await nextEvent(socket, 'kicked');
        assert.deepEqual([by, reason], ['olga', 'closed']);
      }
      assert.deepEqual(received(ben, 'new_message').map(({ seq }) => seq), [before.seq]);
      await refused(ben, 'forbidden', 'join_room', { room });
      const path = `/api/messages/${room}`;
      const post = await requestAs(tokenOf('ben'), two, 'POST', path, { content: 'x' });
      assert.equal(post.status, 403);
      assert.equal((await ok(requestAs(tokenOf('ben'), two, 'GET', path))).messages.length, 1);
      // It is opened on the other one, and a message there has the next number.
      await ok(requestAs(admin, two, 'PATCH', `/api/rooms/${room}`, { closed: false }));
      await join(ben, room);
      assert.equal((await send(ben, room, 'again')).seq, before.seq + 1);
      // Its server hears of the order within a head poll.
      await until(() => emitAck(olga, 'join_room', { room }), (ack) => ack.ok, 'the room is open here');
    });

    it('makes a room private, and gives it another owner', async () => {
      const { room, olga, ben, cy } = await shared();
      await ok(requestAs(admin, one, 'PUT', `/api/rooms/${room}/roster/cy`));
      await ask(olga, 'set_room', { room, private: true });
      await nextEvent(ben, 'kicked');
      assert.equal((await nextEvent(cy, 'room_updated')).private, true);
      await ask(olga, 'set_room', { room, owner: 'cy' });
      await nextEvent(cy, 'room_updated', ({ owner }) => owner === 'cy');
      await ask(cy, 'set_room', { room, private: false });
      assert.equal((await nextEvent(olga, 'room_updated', (each) => !each.private && each.owner === 'cy')).owner, 'cy');
    });
  });
}

carriesOut('the head poll', ['--head-poll', '50ms']);
carriesOut('a bus', ['--bus', 'postgres', '--head-poll', '1m']);

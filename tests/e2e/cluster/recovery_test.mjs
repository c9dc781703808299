// Sessions of a server that was killed, recovered on others with everything that they missed.
// HUBBUB_SESSIONS says how many. Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { Server, assertSound, freshName, within } from '../support.mjs';
import { ask, closeClients, connect, join, nextEvent, received, send } from '../clients.mjs';

const count = Number(process.env.HUBBUB_SESSIONS ?? 12);
const asNode = (number) => ['--node-id', String(number), '--head-poll', '50ms'];
const payload = (event) => (Array.isArray(event) ? event[0] : event);
const messages = (socket) => received(socket, 'new_message').map(payload);

describe('The sessions of a server that is killed', () => {
  let nodes;
  before(async () => {
    const first = await Server.start({ args: asNode(1) });
    const rest = [2, 3].map((number) => Server.start({ args: asNode(number), database: first.database }));
    nodes = [first, ...(await Promise.all(rest))];
  });
  after(async () => {
    closeClients();
    for (const node of nodes) if (node !== nodes[1]) await node.stop();
    await assertSound(nodes[0]);
  });

  it('are recovered on others, with what they missed', async () => {
    const rooms = Array.from({ length: 5 }, () => freshName());
    const writer = await connect(nodes[0], { username: 'writer' });
    for (const room of rooms) await join(writer, room);
    const sessions = [];
    for (let i = 0; i < count; ++i) {
      const username = `member-${i}`;
      const socket = await connect(nodes[1], { auth: { username, recover: true }, reconnection: false });
      const room = rooms[i % rooms.length];
      await join(socket, room);
      sessions.push({ username, room, socket, sid: socket.id });
    }
    for (const room of rooms) await send(writer, room, 'seen, or not');
    await nodes[1].kill();
    for (const room of rooms) for (let i = 0; i < 3; ++i) await send(writer, room, `missed ${i}`);
    let recovered = 0;
    await Promise.all(
      sessions.map(async ({ username, room, socket, sid }, i) => {
        const auth = { username, recover: true, pid: socket._pid, offset: socket._lastOffset };
        const back = await connect(nodes[i % 2 === 0 ? 0 : 2], { auth, reconnection: false });
        if (back.id !== sid) return;
        ++recovered;
        const { last_seq: last } = (await ask(back, 'join_room', { room, history: 0 })).room;
        const seqs = [...messages(socket), ...messages(back)].map(({ seq }) => seq);
        assert.deepEqual(seqs, Array.from({ length: last }, (_, i) => i + 1), username);
        assert.deepEqual(received(back, 'gap'), []);
      }),
    );
    assert.ok(recovered >= 0.99 * count, `${recovered} of ${count} were recovered`);
    if (process.env.HUBBUB_SESSIONS) console.log(`${recovered} of ${count} were recovered`);
  });
});

for (const { how, args } of [
  { how: 'the head poll', args: ['--head-poll', '50ms'] },
  { how: 'a bus', args: ['--bus', 'postgres', '--head-poll', '1m'] },
])
  describe(`A session that moves to another server, with ${how}`, () => {
    it('loses its connection to the first one, which nobody hears of', async () => {
      const one = await Server.start({ args: ['--node-id', '1', ...args] });
      const two = await Server.start({ args: ['--node-id', '2', ...args], database: one.database });
      const room = freshName();
      const ben = await connect(one, { username: 'ben' });
      await join(ben, room);
      const auth = { username: 'ana', recover: true };
      const ana = await connect(one, { auth, reconnection: false });
      await join(ana, room);
      await send(ben, room, 'seen');
      await nextEvent(ana, 'new_message');
      const sid = ana.id;
      const ended = once(ana, 'disconnect');
      const moved = { ...auth, pid: ana._pid, offset: ana._lastOffset };
      const back = await connect(two, { auth: moved, reconnection: false });
      assert.equal(back.id, sid);
      await within(ended, 'the end of the old connection');
      await send(back, room, 'here now');
      await nextEvent(ben, 'new_message', ({ content }) => content === 'here now');
      assert.deepEqual(received(ben, 'user_left'), []);
      // The old connection took nothing along: the session can come back once more.
      back.disconnect();
      await nextEvent(ben, 'user_left', ({ user_id }) => user_id === 'ana');
      closeClients();
      for (const each of [one, two]) await each.stop();
    });
  });

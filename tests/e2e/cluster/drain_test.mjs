// One of two servers is stopped in steps, as for a deploy, while official clients on both go on sending:
// nothing is lost or doubled, and no send waits longer than its client takes to come back.
// Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Server, assertSound, freshName, within } from '../support.mjs';
import { closeClients, connected, join, openSocket } from '../clients.mjs';
import { RoundRobin } from './round_robin.mjs';

const count = 12;
/// The longest pause of a client between two attempts to connect, in ms.
const reconnectDelay = 300;
/// What a slow machine may take beside that.
const generous = 15_000;
const asNode = (number) => ['--node-id', String(number), '--head-poll', '50ms', '--drain-time', '2s'];
const nodeOf = (socket) => socket.io.engine.id.slice(0, 2);

describe('Two servers, of which one is drained', () => {
  let one;
  let two;
  let proxy;
  before(async () => {
    one = await Server.start({ args: asNode(1) });
    two = await Server.start({ args: asNode(2), database: one.database });
    proxy = await RoundRobin.start([one, two]);
  });
  after(async () => {
    closeClients();
    proxy.stop();
    await one.stop();
    await assertSound(one);
  });

  it('lose nothing and double nothing, and no send waits longer than its client', async () => {
    const room = freshName();
    const people = [];
    for (let i = 0; i < count; ++i) {
      const socket = openSocket(proxy, {
        auth: { username: `user${i}`, recover: true },
        transports: ['websocket'],
        reconnection: true,
        reconnectionDelay: 50,
        reconnectionDelayMax: reconnectDelay,
        randomizationFactor: 0,
        retries: 100,
        ackTimeout: 60_000, // only the loss of the connection has it sent again
      });
      await connected(socket);
      people.push(socket);
    }
    assert.deepEqual([...new Set(people.map(nodeOf))].sort(), ['AB', 'AC']);
    const moved = people.filter((each) => nodeOf(each) === 'AC');
    let id;
    for (const socket of people) ({ id } = (await join(socket, room, { history: 0 })).room);
    const heard = people.map((socket, i) => {
      const seqs = [];
      socket.on('new_message', ({ seq, user_id: from }) => from !== `user${i}` && seqs.push(seq));
      socket.on('gap', (gap) => assert.fail(`a gap: ${JSON.stringify(gap)}`));
      return seqs;
    });
    const recovered = new Set();
    for (const socket of people) socket.on('connect', () => socket.recovered && recovered.add(socket));

    let isOver = false;
    let longest = 0;
    const acked = people.map(() => []);
    const speaking = Promise.all(
      people.map(async (socket, i) => {
        for (let n = 0; !isOver; ++n) {
          const content = `${i}-${n}`;
          const begun = performance.now();
          const ack = await new Promise((resolve, reject) => {
            socket.emit('send_message', { room, content, client_id: content }, (e, answer) =>
              e ? reject(e) : resolve(answer),
            );
          });
          longest = Math.max(longest, performance.now() - begun);
          assert.equal(ack.ok, true, JSON.stringify(ack));
          acked[i].push(content);
          await pause(10);
        }
      }),
    );
    /// Settles when everybody has so many acks more than now.
    const talk = async (more) => {
      const goals = acked.map(({ length }) => length + more);
      const isThere = () => acked.every(({ length }, i) => length >= goals[i]);
      while (!isThere()) await Promise.race([pause(20), speaking]);
    };
    const acks = () => `acks: ${acked.map(({ length }) => length)}`;
    await within(talk(5), acks, 60_000);
    two.child.kill('SIGTERM');
    const [code] = await within(two.exited, 'the end of the drained server', 60_000);
    assert.equal(code, 0, two.log);
    await within(talk(5), acks, 60_000);
    isOver = true;
    await within(speaking, acks, 60_000);
    assert.deepEqual(new Set(people.map(nodeOf)), new Set(['AB']));
    for (const socket of moved) assert.ok(recovered.has(socket));
    assert.ok(longest <= reconnectDelay + generous, `an ack came after ${longest} ms`);

    const stored = await one.history(id);
    const contents = stored.map(({ content }) => content);
    assert.equal(new Set(contents).size, contents.length, 'nothing is there twice');
    assert.deepEqual(new Set(contents), new Set(acked.flat()));
    for (const [i, socket] of people.entries()) {
      const others = stored.filter((each) => each.user_id !== `user${i}`).map(({ seq }) => seq);
      while (heard[i].at(-1) !== others.at(-1)) await within(once(socket, 'new_message'), `${others.at(-1)} at user${i}`);
      assert.deepEqual(heard[i], others, `what user${i} heard`);
    }
    if (process.env.HUBBUB_VERBOSE) console.log(`${contents.length} messages, ${moved.length} moved, longest ack ${longest} ms`);
  });
});

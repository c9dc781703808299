// Two servers on one PostgreSQL serve the same rooms, without anything between them: correct, though
// up to a head poll late. Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, assertSound, binary, environment, freshName, run, within } from '../support.mjs';
import { ask, assertContiguous, closeClients, connect, connected, emitAck } from '../clients.mjs';
import { join, nextEvent, openSocket, received, send, sendMany } from '../clients.mjs';
import { DroppingProxy } from '../postgres.mjs';

const asNode = (number) => ['--node-id', String(number), '--head-poll', '50ms', '--open-edit'];

let one;
let two;
before(async () => {
  one = await Server.start({ args: asNode(1) });
  two = await Server.start({ args: asNode(2), database: one.database });
});
after(async () => {
  await one.stop();
  await two.stop();
  await assertSound(one);
});
afterEach(closeClients);

/// A member that only listens: keeps the events of the log in order of arrival.
class Watcher {
  static async in(server, room, options = {}) {
    const watcher = new Watcher();
    watcher.events = [];
    watcher.waiting = new Set();
    watcher.socket = openSocket(server, { username: freshName('watcher'), ...options });
    for (const name of ['new_message', 'message_edited', 'message_deleted', 'gap'])
      watcher.socket.on(name, (payload) => {
        watcher.events.push([name, payload]);
        for (const look of [...watcher.waiting]) look();
      });
    await connected(watcher.socket);
    watcher.joined = await join(watcher.socket, room, { history: 200 });
    return watcher;
  }

  messages() {
    return this.events.filter(([name]) => name === 'new_message').map(([, message]) => message);
  }

  /// Settles when `count` messages have come.
  async has(count) {
    return this.until(() => this.messages().length >= count, () => `${count} messages`);
  }

  async until(holds, what) {
    let look;
    const done = new Promise((resolve) => {
      look = () => holds() && resolve();
      this.waiting.add(look);
      look();
    });
    const text = () => `${what()}; came: ${JSON.stringify(this.events.slice(-5))}`;
    await within(done, text).finally(() => this.waiting.delete(look));
  }
}

/// Lets `count` senders a server send `each` messages, some at a time; returns all acked messages,
/// and what each sender received of the room by ack or event.
async function storm(servers, room, { count = 3, each = 30, window = 5, start = 0 } = {}) {
  const acked = [];
  const heard = [];
  await Promise.all(
    servers.flatMap((server, where) =>
      Array.from({ length: count }, async (_, i) => {
        const name = `sender-${start}-${where}-${i}`;
        const socket = openSocket(server, { username: name });
        const seqs = [];
        heard.push(seqs);
        socket.on('new_message', ({ seq }) => seqs.push(seq));
        await connected(socket);
        await join(socket, room, { history: 0 });
        let next = 0;
        const sendSome = async () => {
          while (next < each) {
            const number = next++;
            const message = { room, content: `${name}: ${number}`, client_id: `${name}-${number}` };
            const done = new Promise((resolve) => {
              socket.emit('send_message', message, (answer) => {
                seqs.push(answer.message.seq); // in its place among the events
                acked.push(answer.message);
                resolve();
              });
            });
            await within(done, `an ack of ${message.content}`);
          }
        };
        await Promise.all(Array.from({ length: window }, sendSome));
      }),
    ),
  );
  return { acked, heard };
}

const bySeq = (messages) => [...messages].sort((a, b) => a.seq - b.seq);

describe('Two servers on one PostgreSQL', () => {
  it('tell the members of a room the same messages, edits and deletions in the same order', async () => {
    const room = freshName();
    const here = await Watcher.in(one, room);
    const there = await Watcher.in(two, room);
    const ana = await connect(one, { username: 'ana' });
    const ben = await connect(two, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    for (let i = 0; i < 10; ++i) {
      const [mine, other] = await Promise.all([send(ana, room, `a${i}`), send(ben, room, `b${i}`)]);
      await here.has(2 * i + 2);
      await there.has(2 * i + 2);
      // Each edits or deletes over the other server what was said over its own.
      if (i % 2 === 0) await ask(ben, 'edit_message', { room, seq: other.seq, content: `B${i}` });
      if (i % 3 === 0) await ask(ana, 'delete_message', { room, seq: mine.seq });
    }
    const last = await send(ana, room, 'last');
    await there.has(21);
    await here.has(21);
    assert.equal(here.events.length, 21 + 5 + 4);
    assert.deepEqual(there.events, here.events);
    assertContiguous(here.messages(), 1);
    const revs = here.events.map(([, { rev }]) => rev);
    assert.deepEqual(revs, revs.map((_, i) => i + 1));
    assert.equal(last.rev, 30);
    const id = here.joined.room.id;
    assert.deepEqual(await one.history(id), await two.history(id));
  });

  it('lose, double and swap nothing of a hot room that both write', async () => {
    const room = freshName();
    const watchers = await Promise.all([one, two, one, two].map((server) => Watcher.in(server, room)));
    const { acked, heard } = await storm([one, two], room, { count: 4, each: 50 });
    assert.equal(acked.length, 400);
    for (const watcher of watchers) {
      await watcher.has(400);
      assert.equal(watcher.events.length, 400);
      assertContiguous(watcher.messages(), 1);
      assert.deepEqual(watcher.messages(), watchers[0].messages());
    }
    assert.deepEqual(bySeq(acked), watchers[0].messages());
    // Senders too: everything once since their join, in rising order.
    for (const seqs of heard)
      seqs.forEach((seq, i) => assert.ok(i === 0 || seq === seqs[i - 1] + 1, `${seqs}`));
  });

  it('store a message once that is sent to both at once', async () => {
    const room = freshName();
    const watcher = await Watcher.in(two, room);
    const sockets = await Promise.all([one, two].map((server) => connect(server, { username: 'ana' })));
    for (const socket of sockets) await join(socket, room);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        Promise.all(sockets.map((socket) => send(socket, room, `m${i}`, { client_id: `c${i}` }))),
      ),
    );
    for (const [first, second] of answers) assert.deepEqual(first, second);
    await send(sockets[0], room, 'last');
    await watcher.has(101);
    assert.equal(watcher.events.length, 101);
    assertContiguous(watcher.messages(), 1);
    assert.equal(new Set(watcher.messages().map(({ id }) => id)).size, 101);
  });

  it('find the rooms of each other, and how far a user has read them', async () => {
    const room = freshName();
    const { id } = await one.createRoom(room);
    const ana = await connect(one, { username: 'ana' });
    const ben = await connect(two, { username: 'ben' });
    const anaThere = await connect(two, { username: 'ana' });
    await join(ana, room);
    assert.equal((await join(ben, room)).room.id, id);
    for (let i = 0; i < 4; ++i) await send(ben, room, `m${i}`);
    await ask(ana, 'mark_read', { room, seq: 3 });
    const joined = await join(anaThere, id);
    assert.deepEqual([joined.read_seq, joined.unread], [3, 1]);
    assert.equal((await ask(anaThere, 'mark_read', { room, seq: 2 })).seq, 3);
    const both = await Promise.all(
      [one, two].map(async (server) => (await server.get(`/api/rooms?q=${room}&user_id=ana`)).body.rooms[0]),
    );
    for (const each of both) each.members_total = 0; // each counts its own
    assert.deepEqual(both[0], both[1]);
  });

  it('bring a room together over a join, whatever its client knows from the other', async () => {
    const room = freshName();
    const ana = await connect(one, { username: 'ana' });
    const ben = await connect(two, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    for (let i = 1; i <= 20; ++i) {
      const { seq } = await send(ana, room, `m${i}`);
      const users = [freshName('user'), freshName('user')];
      const [has, misses] = await Promise.all(users.map((username) => connect(two, { username })));
      // In turn, the room that has yet to hear of the message meets a client that knows it first, or
      // one that does not.
      const joins = [() => join(has, room, { since: seq }), () => join(misses, room, { since: seq - 1 })];
      if (i % 2 === 0) joins.reverse();
      const answers = await Promise.all(joins.map((come) => come()));
      if (i % 2 === 0) answers.reverse();
      assert.deepEqual(answers.map(({ gap }) => gap), [false, false]);
      assert.deepEqual([answers[0].messages, answers[0].room.last_seq], [[], seq]);
      // It comes with the ack or after it, and once.
      if (answers[1].messages.length === 0) await nextEvent(misses, 'new_message');
      const told = [...answers[1].messages, ...received(misses, 'new_message')];
      assert.deepEqual(told.map((message) => message.seq), [seq]);
      assert.deepEqual(received(has, 'new_message'), []);
      has.close();
      misses.close();
    }
    await nextEvent(ben, 'new_message', ({ seq }) => seq === 20);
    assertContiguous(received(ben, 'new_message'), 1);
  });

  it('give a session back what the other server wrote while it was away', async () => {
    const room = freshName();
    const listener = await Watcher.in(one, room, {
      auth: { username: 'lisa', recover: true },
      reconnection: true,
      reconnectionDelay: 10,
    });
    const ben = await connect(two, { username: 'ben' });
    await join(ben, room);
    let sent = 0;
    for (let round = 0; round < 5; ++round) {
      for (let i = 0; i < 5; ++i) await send(ben, room, `m${++sent}`);
      await listener.has(sent);
      const back = new Promise((resolve) => listener.socket.once('connect', resolve));
      listener.socket.io.engine.close();
      await Promise.all([back, ...Array.from({ length: 5 }, () => send(ben, room, `m${++sent}`))]);
      assert.equal(listener.socket.recovered, true);
    }
    await listener.has(sent);
    assert.equal(listener.events.length, sent);
    assertContiguous(listener.messages(), 1);
  });

  it('tell what the other wrote once, although the answer to a COMMIT was lost', async () => {
    const proxy = await DroppingProxy.start(one.database);
    const three = await Server.start({
      args: ['--node-id', '3', '--head-poll', '1m'], // only its own batches bring anything
      database: proxy.address(one.database),
    });
    const room = freshName();
    const here = await Watcher.in(three, room);
    const there = await Watcher.in(two, room);
    const ana = await connect(three, { username: 'ana' });
    const ben = await connect(two, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    let before;
    for (let round = 0; round < 5; ++round) {
      const mine = await send(ben, room, `b${round}`);
      if (before) await ask(ben, 'edit_message', { room, seq: before.seq, content: 'edited' });
      before = mine;
      proxy.cut();
      await send(ana, room, `a${round}`);
      await send(ben, room, `more of ${round}`);
      proxy.cut();
      await sendMany(ana, room, 20, { window: 20 });
    }
    assert.ok(proxy.cuts >= 10, `${proxy.cuts} answers were dropped`);
    await here.has(115);
    await there.has(115);
    assertContiguous(here.messages(), 1);
    assert.equal(here.events.length, 119);
    assert.deepEqual(here.events, there.events);
    await three.stop();
    proxy.stop();
  });

  it('refuse to share a number, and a server that wants the database alone', async () => {
    const start = (...args) =>
      run(binary('hubbub'), ['serve', '--port', '0', ...args], { env: environment() });
    const [same, alone, file, beyond] = await Promise.all([
      start('--db', one.database, '--node-id', '2'),
      start('--db', one.database),
      start('--db', ':memory:', '--node-id', '2'),
      start('--db', one.database, '--node-id', '4096'),
    ]);
    assert.match(same.stderr, /another server uses the database .* with the node_id 2: stop it first/);
    assert.match(alone.stderr, /another server uses the database .* give each server a node_id/);
    assert.match(file.stderr, /node_id is for servers that share a PostgreSQL database/);
    assert.match(beyond.stderr, /--node-id takes a whole number from 0 to 4095, not '4096'/);
    for (const { code } of [same, alone, file, beyond]) assert.notEqual(code, 0);
  });

  it('go on when one of them is killed, whose clients find everything at the other', async () => {
    const room = freshName();
    const staying = await Watcher.in(one, room);
    const moving = await Watcher.in(two, room);
    await storm([one, two], room, { count: 1, each: 20, start: 1 });
    await staying.has(40);
    await moving.has(40);
    const ana = await connect(one, { username: 'ana' });
    const ben = await connect(two, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    // Ben's messages are under way when his server dies, and he repeats those that nobody acked.
    const burst = Array.from({ length: 50 }, (_, i) => ({ room, content: `b${i}`, client_id: `b${i}` }));
    const answers = burst.map((each) =>
      ben.timeout(200).emitWithAck('send_message', each).catch(() => undefined),
    );
    await answers[0];
    await two.kill();
    const acked = (await Promise.all(answers)).filter((answer) => answer?.ok);
    const [sent] = await Promise.all([send(ana, room, 'I am still here')]);
    const ben2 = await connect(one, { username: 'ben' });
    await join(ben2, room, { since: 40 });
    for (const each of burst) {
      const answer = await emitAck(ben2, 'send_message', each);
      assert.equal(answer.ok, true);
      const before = acked.find(({ message }) => message.client_id === each.client_id);
      if (before) assert.deepEqual(answer.message, before.message);
    }
    await staying.has(91);
    assert.equal(staying.events.length, 91);
    assertContiguous(staying.messages(), 1);
    assert.ok(staying.messages().some(({ id }) => id === sent.id));
    // The listener of the dead server joins at the other with the last message that it has.
    const last = moving.messages().at(-1).seq;
    const moved = await Watcher.in(one, room);
    const rejoined = await join(moved.socket, room, { since: last });
    assert.equal(rejoined.gap, false);
    assert.deepEqual(
      [...moving.messages(), ...rejoined.messages].map(({ id }) => id),
      staying.messages().map(({ id }) => id),
    );
    // The dead one comes back and serves the same room.
    await two.restart();
    const again = await Watcher.in(two, room);
    await send(ana, room, 'welcome');
    await again.has(1);
    assert.equal(again.messages()[0].seq, 92);
    const id = staying.joined.room.id;
    assert.deepEqual(await one.history(id), await two.history(id));
  });
});

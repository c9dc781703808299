// The floor of the comparison speaks the part of the contract that the scenarios use.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, binary, freshName, run, temporaryFolder, within } from './support.mjs';
import {
  ask,
  closeClients,
  connect,
  join,
  nextEvent,
  received,
  refused,
  send,
} from './clients.mjs';

const start = (database, ...args) =>
  Server.start({ program: 'floor', args: ['--db', database, ...args] });
const newDatabase = () => path.join(temporaryFolder(), 'floor.db');
const webSocket = { transports: ['websocket'] };
const user = (server, username) => connect(server, { username }, webSocket);

const ways = [
  { title: 'one send per delivery', args: ['--mode', 'per-delivery'] },
  { title: 'one write per connection and pass', args: ['--mode', 'coalesce'] },
  { title: 'a writer thread', args: ['--writer-thread', '--durability', 'normal'] },
];
for (const { title, args } of ways) {
  describe(`The floor with ${title}`, () => {
    let server;
    let alice;
    let bob;
    let room;
    before(async () => (server = await start(newDatabase(), ...args)));
    after(() => server?.stop());
    afterEach(closeClients);

    const meet = async () => {
      room = freshName();
      alice = await user(server, 'alice');
      bob = await user(server, 'bob');
      assert.equal((await join(alice, room)).members_total, 1);
      assert.equal((await join(bob, room)).members_total, 2);
    };

    it('tells the members who comes and who goes', async () => {
      await meet();
      const { room_id, ...came } = await nextEvent(alice, 'user_joined');
      assert.ok(room_id > 0);
      assert.deepEqual(came, { room, user_id: 'bob', username: 'bob', members_total: 2 });
      await ask(bob, 'leave_room', { room });
      assert.equal((await nextEvent(alice, 'user_left')).reason, 'leave');
      await join(bob, room);
      bob.close();
      assert.equal((await nextEvent(alice, 'user_left')).reason, 'disconnect');
    });

    it('acks a message with the copy that the others get, in one order', async () => {
      await meet();
      const contents = Array.from({ length: 200 }, (_, i) => `"${i}" \\ ünï ${'x'.repeat(i)}`);
      const acks = await Promise.all(contents.map((content) => send(alice, room, content)));
      for (const [i, message] of acks.entries()) {
        assert.deepEqual([message.seq, message.content], [i + 1, contents[i]]);
        assert.deepEqual(await nextEvent(bob, 'new_message'), message);
      }
      assert.deepEqual(received(alice, 'new_message'), []);
    });

    it('echoes a message that asks for no ack', async () => {
      await meet();
      alice.emit('send_message', { room, content: 'hello' });
      assert.equal((await nextEvent(alice, 'new_message')).content, 'hello');
      assert.equal((await nextEvent(bob, 'new_message')).content, 'hello');
    });

    it('passes on who types', async () => {
      await meet();
      for (const is_typing of [true, false]) {
        assert.deepEqual(await ask(alice, 'typing', { room, is_typing }), { ok: true });
        const { user_id, is_typing: heard } = await nextEvent(bob, 'typing');
        assert.deepEqual([user_id, heard], ['alice', is_typing]);
      }
      assert.deepEqual(received(alice, 'typing'), []);
    });

    for (const event of ['message', 'typing']) {
      it(`passes what hubbub-bench checks of a fan-out of ${event}s`, async () => {
        const dialect = fileURLToPath(new URL('../../bench/peers/floor.toml', import.meta.url));
        const load = ['--connections', '20', '--rooms', '2', '--senders', '4', '--messages', '400'];
        const to = ['--url', server.url, '--dialect', dialect];
        const args = ['fanout', ...to, ...load, '--event', event, '--settle', '50ms'];
        const { code, stdout, stderr } = await run(binary('hubbub-bench'), args);
        assert.equal(code, 0, stdout + stderr);
      });
    }

    it('refuses what it cannot do', async () => {
      await meet();
      await refused(alice, 'not_a_member', 'send_message', { room: 'elsewhere', content: 'x' });
      await refused(alice, 'bad_request', 'send_message', { room, content: 7 });
      await refused(alice, 'bad_request', 'join_room', {});
      await refused(alice, 'unknown_event', 'dance', {});
    });
  });
}

describe('The floor', () => {
  afterEach(closeClients);

  it('has what it acked after it was killed', async () => {
    const database = newDatabase();
    const server = await start(database);
    const alice = await user(server, 'alice');
    await join(alice, 'kept');
    assert.equal((await send(alice, 'kept', 'one')).seq, 1);
    await server.kill();
    alice.close();
    await server.restart();
    const again = await user(server, 'alice');
    assert.equal((await join(again, 'kept')).room.last_seq, 1);
    assert.equal((await send(again, 'kept', 'two')).seq, 2);
    await server.stop();
  });

  for (const args of [[], ['--writer-thread']]) {
    it(`copies its log only when that is long ${args.join(' ')}`.trim(), async () => {
      const database = newDatabase();
      const server = await start(database, '--durability', 'normal', ...args);
      const alice = await user(server, 'alice');
      await join(alice, 'large');
      const content = 'x'.repeat(500_000);
      for (let i = 0; i < 40; ++i) await send(alice, 'large', content);
      assert.ok(statSync(database).size < 1_000_000, 'a log of 20 MB was copied');
      const isCopied = () => statSync(database).size > 60_000_000;
      for (let i = 0; i < 400 && !isCopied(); ++i) await send(alice, 'large', content);
      assert.ok(isCopied(), 'a log of 200 MB was not copied');
      assert.equal((await send(alice, 'large', 'on it goes')).content, 'on it goes');
      await server.stop();
      assert.ok(!existsSync(`${database}-wal`), 'the log is still there');
    });
  }

  it('pings, and keeps whoever answers', async () => {
    const server = await start(newDatabase(), '--ping-interval', '50');
    const alice = await user(server, 'alice');
    for (let i = 0; i < 3; ++i) await within(once(alice.io, 'ping'), 'a ping');
    assert.ok(alice.connected);
    await server.stop();
  });

  it('sends megabytes to whoever takes them slowly', async () => {
    const server = await start(newDatabase());
    const alice = await user(server, 'alice');
    const bob = await user(server, 'bob');
    for (const each of [alice, bob]) await join(each, 'large');
    const content = 'x'.repeat(500_000);
    const acks = Array.from({ length: 10 }, () => send(alice, 'large', content));
    for (const message of await Promise.all(acks)) {
      assert.deepEqual(await nextEvent(bob, 'new_message'), message);
    }
    await server.stop();
  });
});

// A primary PostgreSQL that dies, and its synchronous standby that takes its place: whatever was acked is
// on the standby, and servers that name both hosts go on by themselves.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { closeClients, connect, join, nextEvent, received, send } from '../clients.mjs';
import { Postgres } from '../postgres.mjs';
import { Server, assertSound, binary, environment, freshName, run, within } from '../support.mjs';
import { assertSame, underLoad } from './load.mjs';

const settings = ['fsync=off', 'max_connections=100'];

describe('A PostgreSQL with a synchronous standby', () => {
  let primary;
  let standby;
  let nodes;
  before(async () => {
    primary = await Postgres.start(settings);
    await primary.database('cluster');
    standby = await Postgres.start(settings, { standbyOf: primary });
    await primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await primary.ask('SELECT pg_reload_conf()');
    const synchronous = async () => {
      while ((await primary.ask('SELECT sync_state FROM pg_stat_replication')) !== 'sync') await pause(20);
    };
    await within(synchronous(), 'a synchronous standby');
    const hosts = `host=${primary.folder},${standby.folder}`;
    const database = `postgres:///cluster?${hosts}&user=hubbub&target_session_attrs=read-write`;
    nodes = [];
    for (const number of [1, 2])
      nodes.push(await Server.start({ args: ['--node-id', String(number), '--bus', 'postgres'], database }));
  });
  after(async () => {
    for (const node of nodes) await node.stop();
    await assertSound(nodes[0]);
    await standby.stop();
    await primary.stop();
  });
  afterEach(closeClients);

  it('is refused as long as it is a standby', async () => {
    const database = `postgres:///cluster?host=${standby.folder}&user=hubbub`;
    const { code, stderr } = await run(
      binary('hubbub'),
      ['serve', '--port', '0', '--db', database, '--node-id', '3'],
      { env: environment() },
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /standby/);
  });

  it('acks what the standby has, although somebody cancels the wait for it', async () => {
    const room = freshName();
    const ana = await connect(nodes[0], { username: 'ana' });
    const ben = await connect(nodes[1], { username: 'ben' });
    for (const each of [ana, ben]) await join(each, room);
    await send(ana, room, 'before');
    const receiver = Number(await standby.ask('SELECT pid FROM pg_stat_wal_receiver'));
    process.kill(receiver, 'SIGSTOP');
    let answered = false;
    const answer = send(ana, room, 'waits').finally(() => (answered = true));
    try {
      // The second who waits wants to know what became of the first one's COMMIT.
      for (let i = 0; i < 3; ++i) {
        const cancelled = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        const waits = async () => {
          while ((await primary.ask(cancelled)) === '0') await pause(20);
        };
        await within(waits(), 'a COMMIT that waits for the standby');
        assert.equal(answered, false);
      }
      assert.equal(answered, false);
    } finally {
      process.kill(receiver, 'SIGCONT');
    }
    assert.equal((await answer).seq, 2);
    const { seq } = await send(ana, room, 'after');
    await nextEvent(ben, 'new_message', (message) => message.seq === seq);
    assert.deepEqual(received(ben, 'new_message').map(({ content }) => content), ['before', 'waits', 'after']);
  });

  it('loses nothing that was acked when the primary dies and the standby is promoted', async () => {
    const room = freshName();
    const seen = await underLoad(nodes, room, async () => {
      primary.kill();
      assert.equal(await standby.ask('SELECT pg_promote()'), 't');
    });
    assert.equal(await standby.ask('SELECT pg_is_in_recovery()'), 'f');
    await assertSame(seen, nodes[1], room);
  });
});

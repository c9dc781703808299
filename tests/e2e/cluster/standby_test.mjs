// A primary PostgreSQL that dies, and its synchronous standby that takes its place: whatever was acked is
// on the standby, and servers that name both hosts go on by themselves.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { closeClients } from '../clients.mjs';
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

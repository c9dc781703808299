// The lease of a server among others: what it waits for, and what is left of one whose answer was lost.
// Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server, assertSound, request, temporaryFolder } from '../support.mjs';
import { DroppingProxy, ask } from '../postgres.mjs';

const secretFile = pathOf(temporaryFolder(), 'secret');
writeFileSync(secretFile, `${'0123456789'.repeat(4)}\n`);
const asNode = (number) => [
  ...['--node-id', String(number), '--head-poll', '100ms', '--node-lease', '1m'],
  ...['--node-listen', '127.0.0.1:0', '--node-secret-file', secretFile],
];

describe('A server among others', () => {
  let one;
  let proxy;
  let database;
  before(async () => {
    one = await Server.start({ args: asNode(1) });
    proxy = await DroppingProxy.start(one.database);
    database = proxy.address(one.database);
  });
  after(async () => {
    proxy.stop();
    await one.stop();
    await assertSound(one);
  });

  /// Opens a session on the first server, and says on another one that it is the chat's.
  async function greet(other) {
    const { text } = await one.get('/socket.io/?EIO=4&transport=polling');
    const path = `/socket.io/?EIO=4&transport=polling&sid=${JSON.parse(text.slice(1)).sid}`;
    const { status, text: said } = await request(other, 'POST', path, '40', { 'content-type': 'text/plain' });
    return `${status} ${said}`;
  }

  it('lets nobody in before it knows how the others are reached', async () => {
    const held = proxy.hold('take_lease');
    const starting = Server.start({ args: asNode(2), database });
    await held;
    setTimeout(() => proxy.release(), 300); // it would have had clients by then
    const two = await starting;
    assert.equal(await greet(two), '200 ok');
    assert.doesNotMatch(two.log, /nodes_unknown/);
    await two.stop();
  });

  it('lets clients in all the same if that takes long, and says so', async () => {
    const held = proxy.hold('take_lease');
    const starting = Server.start({ args: asNode(3), database });
    await held;
    const three = await starting;
    await three.logged(/nodes_unknown/g);
    assert.match(await greet(three), /^400 .*Session ID unknown/);
    proxy.release();
    await three.logged(/node_found/g);
    assert.equal(await greet(three), '200 ok');
    await three.stop();
  });

  it('leaves no second lease behind if the answer to the first one was lost', async () => {
    const cuts = proxy.cuts;
    proxy.cut('take_lease');
    const four = await Server.start({ args: asNode(4), database });
    assert.equal(proxy.cuts, cuts + 1);
    const leases = (what) =>
      ask(one.database, `SELECT count(*) FROM node_leases WHERE node_id = 4 AND ${what}`);
    assert.equal(await leases('true'), '2');
    assert.equal(await leases('alive_until > clock_timestamp()'), '1');
    await four.stop();
  });
});

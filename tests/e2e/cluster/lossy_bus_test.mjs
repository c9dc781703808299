// A bus that loses a tenth of its messages, doubles a tenth and swaps a tenth, between three servers on
// one PostgreSQL: nobody notices, except that some messages come by the log. Run by
// tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Dice } from '../chaos/random.mjs';
import { closeClients } from '../clients.mjs';
import { Redis } from '../redis.mjs';
import { Server, assertSound, freshName, within } from '../support.mjs';
import { assertSame, underLoad } from './load.mjs';
import { LossyRedis } from './lossy_redis.mjs';

describe('A bus that loses, doubles and swaps', () => {
  let redis;
  let proxies;
  let nodes;
  before(async () => {
    redis = await Redis.start();
    proxies = [];
    nodes = [];
    for (const number of [1, 2, 3]) {
      proxies.push(await LossyRedis.start(redis, new Dice('lossy bus', number)));
      const args = ['--node-id', String(number), '--bus', proxies.at(-1).url];
      nodes.push(await Server.start({ args, database: nodes[0]?.database }));
    }
    const hears = async (node) => {
      while ((await node.get('/readyz')).body.bus !== 'heard') await pause(20);
    };
    for (const node of nodes) await within(hears(node), 'a heard bus');
  });
  after(async () => {
    for (const node of nodes) await node.stop();
    for (const proxy of proxies) proxy.stop();
    await redis.stop();
    await assertSound(nodes[0]);
  });
  afterEach(closeClients);

  it('loses, doubles and swaps nothing that members hear', async () => {
    const room = freshName();
    const seen = await underLoad(nodes, room, (_, more) => more(1_500), { pace: 2 });
    await assertSame(seen, nodes[0], room);
    for (const what of ['lost', 'doubled', 'swapped'])
      for (const proxy of proxies) assert.ok(proxy[what] >= 10, `${proxy[what]} messages were ${what}`);
    // A node that writes all the time may learn nearly all by its own commits, before the bus.
    let byBus = 0;
    for (const node of nodes) {
      byBus += await node.metric('hubbub_foreign_entries_total{source="bus"}');
      assert.ok((await node.metric('hubbub_bus_stale_total')) >= 10);
    }
    assert.ok(byBus >= 300, `${byBus} entries came by the bus`);
  });
});

// What breaks in a cluster, under load: whatever was acked is stored once, and everybody hears it
// once and in order. Starts a PostgreSQL of its own, which it breaks as well.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Nginx } from '../nginx.mjs';
import { Postgres } from '../postgres.mjs';
import { Server, assertSound, binary, environment, freshName, run } from '../support.mjs';
import { closeClients } from '../clients.mjs';
import { assertSame, underLoad } from './load.mjs';

const numbers = [1, 2, 3];
let postgres;
let nodes;
let nginx;
before(async () => {
  postgres = await Postgres.start(['fsync=off', 'max_connections=100']);
  const database = await postgres.database('cluster');
  nodes = [];
  for (const number of numbers)
    nodes.push(await Server.start({ args: ['--node-id', String(number), '--head-poll', '100ms'], database }));
  const places = nodes.map(({ port }, i) => `${numbers[i]}=127.0.0.1:${port}`);
  const config = await run(binary('hubbub'), ['cluster', 'proxy-config', 'nginx', ...places], {
    env: environment(),
  });
  nginx = await Nginx.start((socket) => config.stdout.replace('listen 8080', `listen ${socket}`));
});
after(async () => {
  await nginx?.stop();
  for (const node of nodes) await node.stop();
  await assertSound(nodes[0]);
  await postgres.stop();
});
afterEach(closeClients);

describe('Three servers on one PostgreSQL', () => {
  it('go on without one that stands still for 3 s and for 15 s, which then goes on as well', async () => {
    for (const seconds of [3, 15]) {
      const room = freshName();
      const seen = await underLoad(nodes, room, async () => {
        nodes[1].child.kill('SIGSTOP');
        await pause(1_000 * seconds);
        nodes[1].child.kill('SIGCONT');
      });
      // In the longer time its lease ends, and its clients are closed.
      await assertSame(seen, nodes[0], room, { mayMiss: seconds > 8 });
    }
  });

  it('lose nothing and double nothing when PostgreSQL crashes, is killed and restarts', async () => {
    const room = freshName();
    const seen = await underLoad(nodes, room, async (_, more) => {
      for (let i = 0; i < 2; ++i) {
        await postgres.crash();
        await more(20);
        postgres.kill();
        await postgres.launch();
        await more(20);
        await postgres.restart();
        await more(20);
      }
    });
    await assertSame(seen, nodes[2], room);
  });

  it('give the clients of one that is killed their sessions at another', async () => {
    const room = freshName();
    const crowd = [nginx, nginx, nginx, nginx];
    const seen = await underLoad(crowd, room, async () => {
      for (const node of nodes) {
        await node.kill();
        await pause(1_000);
        await node.restart();
      }
    });
    await assertSame(seen, nodes[0], room);
    // Each of them was on a node that was killed.
    for (const { name, recoveries } of seen.members) assert.ok(recoveries >= 1, `${name} was recovered`);
  });
});

// Three servers on one PostgreSQL and one Redis, of which each is killed again and again under load, and
// so are PostgreSQL and Redis. Whatever was acked is stored once, everybody hears it once and in order,
// and nobody who is gone stays in a room. HUBBUB_KILLS says how many kills of servers there are; each
// engine is killed a fifth as often. HUBBUB_CHAOS_SEED decides the order.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Dice } from '../chaos/random.mjs';
import { Nginx } from '../nginx.mjs';
import { Postgres } from '../postgres.mjs';
import { Redis } from '../redis.mjs';
import { Server, assertSound, binary, environment, freshName, killsWanted, run } from '../support.mjs';
import { temporaryFolder, within } from '../support.mjs';
import { ask, closeClients, connect, join, openSocket, transportChoices } from '../clients.mjs';
import { assertSame, underLoad } from './load.mjs';
import { RoundRobin } from './round_robin.mjs';

const kills = killsWanted(3);
const inARound = 10;
const seed = Number(process.env.HUBBUB_CHAOS_SEED ?? 1);
const lease = 10_000; // the default of node_lease
const settled = 60_000;

const numbers = [1, 2, 3];
let postgres;
let redis;
let nodes;
let sticky;
let unsticky;
let leasesLost = 0; // by servers that have been killed since

before(async () => {
  postgres = await Postgres.start(['fsync=off', 'max_connections=100']);
  redis = await Redis.start();
  const database = await postgres.database('cluster');
  const secret = pathOf(temporaryFolder(), 'secret');
  writeFileSync(secret, `${'0123456789'.repeat(4)}\n`);
  nodes = [];
  for (const number of numbers) {
    const args = ['--node-id', String(number), '--bus', redis.url, '--node-listen', '127.0.0.1:0'];
    nodes.push(await Server.start({ args: [...args, '--node-secret-file', secret], database }));
  }
  const places = nodes.map(({ port }, i) => `${numbers[i]}=127.0.0.1:${port}`);
  const config = await run(binary('hubbub'), ['cluster', 'proxy-config', 'nginx', ...places], {
    env: environment(),
  });
  sticky = await Nginx.start((socket) => config.stdout.replace('listen 8080', `listen ${socket}`));
  unsticky = await RoundRobin.start(nodes);
});
after(async () => {
  await sticky?.stop();
  unsticky?.stop();
  for (const node of nodes) await node.stop();
  await assertSound(nodes[0]);
  await redis.stop();
  await postgres.stop();
});
afterEach(closeClients);

/// What is killed in a round, in an order that the dice decide.
function planOf(dice, ofNodes, ofEngines) {
  const plan = [
    ...Array.from({ length: ofNodes }, () => 'node'),
    ...Array.from({ length: ofEngines }, () => 'postgres'),
    ...Array.from({ length: ofEngines }, () => 'redis'),
  ];
  for (let i = plan.length; i > 1; --i) {
    const j = dice.between(0, i);
    [plan[i - 1], plan[j]] = [plan[j], plan[i - 1]];
  }
  return plan;
}

/// Somebody in a room on this server, who does not come back when it is killed.
async function passerBy(node, room) {
  const name = freshName('passer-by');
  const socket = openSocket(node, { username: name });
  const inside = new Promise((resolve) =>
    socket.on('connect', () => socket.emit('join_room', { room, history: 0 }, resolve)),
  );
  const answer = await within(inside, 'the join of a passer-by');
  return answer.ok ? name : undefined; // a server that has just lost its database may refuse
}

/// Kills what the plan says, and starts it again, sometimes only after a while.
async function carryOut(what, dice, room, passersBy) {
  const wait = () => pause(dice.chance(50) ? 0 : dice.between(0, 1_500));
  if (what === 'node') {
    const node = dice.pick(nodes);
    const name = await passerBy(node, room);
    leasesLost += await node.metric('hubbub_node_lease_lost_total');
    await node.kill();
    if (name) passersBy.push(name);
    await wait();
    await node.restart();
  } else if (what === 'postgres') {
    postgres.kill();
    await wait();
    await postgres.launch();
  } else {
    await redis.kill();
    await wait();
    await redis.launch();
  }
}

const membersOf = async (socket, room) =>
  (await ask(socket, 'get_members', { room })).members.map(({ user_id }) => user_id).sort();

/// Waits until every server names these members of the room, and those who ask.
async function assertMembers(room, names) {
  const askers = [];
  for (const node of nodes) {
    const asker = await connect(node, { username: freshName('asker') });
    await join(asker, room, { history: 0 });
    askers.push(asker);
  }
  const wanted = [...names, ...askers.map(({ auth }) => auth.username)].sort();
  for (const asker of askers) {
    let found;
    const same = (async () => {
      while (JSON.stringify((found = await membersOf(asker, room))) !== JSON.stringify(wanted)) await pause(50);
    })();
    const more = () => `${found.filter((each) => !wanted.includes(each))}`;
    const less = () => `${wanted.filter((each) => !found.includes(each))}`;
    await within(same, () => `the members; too many: ${more()}, missing: ${less()}`, settled);
  }
}

/// Checks what the members were told of those who left.
async function assertLeaves(members, passersBy, fronts) {
  const steadfast = new Set(members.filter((_, i) => fronts[i % fronts.length] === sticky).map(({ name }) => name));
  // Nobody was away for long, and no server gave up its members because of the database.
  for (const node of nodes) leasesLost += await node.metric('hubbub_node_lease_lost_total');
  const untroubled = leasesLost === 0 && members.every(({ longestAbsence }) => longestAbsence < lease / 2);
  for (const { name, left } of members) {
    for (const each of passersBy)
      assert.ok(left.filter((who) => who === each).length <= 1, `${name} was told twice that ${each} left`);
    if (untroubled) assert.deepEqual(left.filter((who) => steadfast.has(who)), [], `told ${name}`);
  }
}

describe(`Three servers and their engines, ${kills} kills of servers`, () => {
  for (let first = 0; first < kills; first += inARound) {
    const ofNodes = Math.min(inARound, kills - first);
    const ofEngines = Math.max(1, Math.round(ofNodes / 5));
    it(`lose, double and swap nothing, and have no ghosts, with seed ${seed + first}`, async () => {
      const dice = new Dice(seed + first, 'cluster');
      const room = freshName();
      const passersBy = [];
      const fronts = [sticky, sticky, unsticky, unsticky];
      const seen = await underLoad(
        fronts,
        room,
        async (_, more) => {
          for (const what of planOf(dice, ofNodes, ofEngines)) {
            await carryOut(what, dice, room, passersBy);
            await more(dice.between(1, 60));
          }
        },
        { pace: 10, options: (i) => ({ transports: transportChoices[i % 3].transports }) },
      );
      await assertSame(seen, nodes[0], room);
      await assertMembers(room, seen.members.map(({ name }) => name));
      await assertLeaves(seen.members, passersBy, fronts);
      if (process.env.HUBBUB_KILLS)
        console.log(`${first + ofNodes} of ${kills} kills, ${seen.acked.length} messages acked in this round`);
    });
  }
});

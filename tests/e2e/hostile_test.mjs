// All that a hostile client can think of, at once, beside a hundred people who talk to each other:
// these lose nothing, and the server's memory stays below the sum of what it was told to hold.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from './support.mjs';
import { closeClients } from './clients.mjs';
import { GoodClients } from './hostile/good_clients.mjs';
import {
  asArguments,
  connectionBytes,
  peakMemory,
  programBytes,
  settings,
} from './hostile/settings.mjs';
import { attacks } from './hostile/attacks.mjs';

let server;
let good;
before(async () => {
  const args = ['--host', '127.0.0.1', '--durability', 'normal', ...asArguments()];
  server = await Server.start({ args });
  good = await GoodClients.gather(server);
});
after(async () => {
  closeClients();
  await server?.stop();
});

/// Each attack comes from an address of its own.
const addressOf = (i) => `127.0.1.${i + 1}`;

describe('The server withstands', { concurrency: attacks.length }, () => {
  attacks.forEach((attack, i) =>
    it(attack.title, () => attack.run({ server, settings, from: addressOf(i) })),
  );
});

describe('Beside all of that', () => {
  it('a hundred good clients have lost nothing', async (t) => {
    t.diagnostic(`they said ${await good.finish()} things`);
  });

  it('the server has not taken more memory than the sum of its bounds', (t) => {
    const people = GoodClients.count * (connectionBytes + settings.max_queue_bytes);
    const attacked = attacks.reduce((sum, { memory }) => sum + memory(settings), 0);
    const bound = programBytes + people + attacked;
    const peak = peakMemory(server.child.pid);
    t.diagnostic(`${peak} of ${bound} bytes`);
    assert.ok(peak < bound, `${peak} of ${bound} bytes`);
  });
});

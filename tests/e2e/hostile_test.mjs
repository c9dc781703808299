// All that a hostile client can think of, at once, beside a hundred people who talk to each other:
// these lose nothing, and the server's memory stays below the sum of what it was told to hold.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, temporaryFolder, unsanitized, within } from './support.mjs';
import { closeClients } from './clients.mjs';
import { people } from './hostile/good_clients.mjs';
import {
  asArguments,
  connectionBytes,
  peakMemory,
  programBytes,
  settings,
} from './hostile/settings.mjs';
import { attacks } from './hostile/attacks.mjs';
import { audience, keyPairs, secret, tokenIssuer } from './hostile/tokens.mjs';

const child = fileURLToPath(new URL('hostile/good_child.mjs', import.meta.url));

let server;
let good;
before(async () => {
  const args = ['--host', '127.0.0.1', '--durability', 'normal', ...asArguments(), ...access()];
  server = await Server.start({ args, env: { HUBBUB_JWT_SECRET: secret } });
  good = fork(child, [server.url]);
  assert.deepEqual(await told(), 'ready');
});
after(async () => {
  good?.disconnect();
  closeClients();
  await server?.stop();
});

/// Public keys beside the secret, so that one can be taken for the other, and who has to have made
/// a token for whom.
function access() {
  const folder = temporaryFolder();
  const files = Object.entries(keyPairs()).map(([name, { pem }]) => {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, pem);
    return path;
  });
  const keys = ['--jwt-public-key', files.join(',')];
  return [...keys, '--jwt-issuer', tokenIssuer, '--jwt-audience', audience];
}

/// What the good clients' process says next.
const told = async () => (await within(once(good, 'message'), 'the good clients'))[0];

/// Each attack comes from an address of its own.
const addressOf = (i) => `127.0.1.${i + 1}`;

describe('The server withstands', { concurrency: attacks.length }, () => {
  attacks.forEach((attack, i) =>
    it(attack.title, () => attack.run({ server, settings, from: addressOf(i) })),
  );
});

describe('Beside all of that', () => {
  it('a hundred good clients have lost nothing', async (t) => {
    good.send('finish');
    const { said, failure } = await told();
    assert.equal(failure, undefined);
    t.diagnostic(`they said ${said} things`);
  });

  it('the server has not taken more memory than the sum of its bounds', unsanitized, (t) => {
    const behaved = people * (connectionBytes + settings.max_queue_bytes);
    const attacked = attacks.reduce((sum, { memory }) => sum + memory(settings), 0);
    const bound = programBytes + behaved + attacked;
    const peak = peakMemory(server.child.pid);
    t.diagnostic(`${peak} of ${bound} bytes`);
    assert.ok(peak < bound, `${peak} of ${bound} bytes`);
  });
});

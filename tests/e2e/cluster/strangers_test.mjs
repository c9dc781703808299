// Connections to node_listen that do not prove that they are another server's. Run by
// tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server, assertSound, request, temporaryFolder, unsanitized } from '../support.mjs';
import { until, within } from '../support.mjs';
import { closeClients, connect, join } from '../clients.mjs';
import { heldPort } from '../ports.mjs';
import { Tcp } from '../raw.mjs';

const secret = 'a-secret-of-nodes-'.repeat(3);
const secretFile = pathOf(temporaryFolder(), 'secret');
writeFileSync(secretFile, `${secret}\n`);
chmodSync(secretFile, 0o600);

/// Resolves to the text that comes until the connection ends, or until an answer's head is whole.
const answerOf = (tcp) => tcp.untilOrClosed((all) => all.includes('\r\n\r\n'));
const fromNode = `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\nhubbub-node: 2\r\n\r\n`;

describe('Strangers at node_listen', unsanitized, () => {
  let server;
  let gate;
  before(async () => {
    const port = await heldPort();
    gate = { port };
    const args = ['--node-id', '1', '--node-listen', `127.0.0.1:${port}`, '--node-secret-file', secretFile];
    server = await Server.start({ args, ulimit: '-n 400' }); // so 100 strangers
  });
  after(async () => {
    closeClients();
    await server.stop();
    await assertSound(server);
  });

  it('who say nothing take no descriptor from clients, and are gone after two seconds', async () => {
    const held = await Promise.all(Array.from({ length: 450 }, () => Tcp.open(gate)));
    assert.equal((await request(server, 'GET', '/healthz')).status, 200);
    await join(await connect(server, { username: 'ann' }), 'lobby');
    // The system lets them in before the server has looked at each.
    const refused = () => server.metric('hubbub_connections_refused_total{reason="connections"}');
    await until(refused, (count) => count >= 350, '350 refusals');
    const heard = await Promise.any(
      held.map(async (tcp) => assert.match(await answerOf(tcp), /^HTTP\/1\.1 503 /)),
    );
    assert.equal(heard, undefined);
    await within(Promise.all(held.map((tcp) => tcp.untilOrClosed(() => false))), 'strangers to be closed', 8_000);
  });

  it('who send empty lines gain no time by them', async () => {
    const tcp = await Tcp.open(gate);
    const timer = setInterval(() => tcp.write('\r\n'), 200);
    const begun = performance.now();
    await within(tcp.untilOrClosed(() => false), 'the stranger to be closed', 8_000);
    clearInterval(timer);
    assert.ok(performance.now() - begun > 1_000);
  });

  it('are not those with the secret, of whom there may be more', async () => {
    const nodes = [];
    for (let i = 0; i < 150; ++i) {
      const tcp = await Tcp.open(gate);
      tcp.write(fromNode);
      assert.match(await answerOf(tcp), /^HTTP\/1\.1 404 /);
      nodes.push(tcp);
    }
    for (const tcp of nodes) tcp.destroy();
  });
});

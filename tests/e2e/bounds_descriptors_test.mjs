// The process's file descriptors: as many as the system allows, and what happens when they run out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Server, request, unsanitized } from './support.mjs';
import { Tcp } from './raw.mjs';

/// Resolves to the status of the answer that comes unasked, or to that of a GET.
async function statusOf(tcp) {
  const text = await tcp.untilOrClosed((all) => all.includes('\r\n\r\n'));
  return Number(/^HTTP\/1\.1 (\d+) /.exec(text)?.[1]);
}

/// Each thread has descriptors of its own, and there is one for each core unless told.
const threads = ['--io-threads=2'];
const ask = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

/// Makes one more request on an open connection.
async function again(tcp) {
  tcp.bytes = Buffer.alloc(0);
  tcp.write(ask);
  return statusOf(tcp);
}

describe('File descriptors', () => {
  it('may be as many as the hard limit allows', async () => {
    const server = await Server.start({ ulimit: '-S -n 64' });
    const limits = readFileSync(`/proc/${server.child.pid}/limits`, 'utf8');
    const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits);
    assert.equal(soft, hard);
    assert.ok(Number(hard) > 64);
    await server.stop();
  });

  it('are kept for the database: connections are bounded below them', async () => {
    const server = await Server.start({ ulimit: '-n 200', args: threads });
    const held = [];
    for (let refused = 0; refused < 20;) {
      const tcp = await Tcp.open(server);
      tcp.write(ask);
      if ((await statusOf(tcp)) === 503) ++refused;
      else held.push(tcp);
    }
    assert.ok(held.length > 100 && held.length <= 136, `${held.length} connections`);
    assert.equal(await again(held[0]), 200);
    for (const tcp of held) tcp.destroy();
    await server.stop();
  });

  it('may run out: whoever comes is refused, and whoever is there goes on', unsanitized, async () => {
    const server = await Server.start({
      ulimit: '-n 80',
      args: [...threads, '--max-connections=1000', '--max-accept-rate=1000000'],
    });
    const held = [];
    let refused = 0;
    for (let i = 0; i < 200; ++i) {
      const tcp = await Tcp.open(server);
      tcp.write(ask);
      const status = await statusOf(tcp);
      if (status === 200) held.push(tcp);
      // There is no answer if it crossed with the request.
      else ++refused;
    }
    assert.ok(held.length > 10 && refused > 100, `${held.length} held, ${refused} refused`);
    held[0].bytes = Buffer.alloc(0);
    held[0].write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    const metrics = await held[0].until((all) => all.includes('hubbub_store_healthy '));
    const counted = /^hubbub_connections_refused_total\{reason="descriptors"\} (\d+)/m.exec(metrics);
    assert.ok(Number(counted[1]) > 100, counted[0]);
    for (const tcp of held) tcp.destroy();
    // There is room again as soon as the server has noticed.
    for (let status = 0; status !== 200;) {
      status = await request(server, 'GET', '/healthz').then(
        (answer) => answer.status,
        () => 0,
      );
    }
    await server.stop();
  });
});

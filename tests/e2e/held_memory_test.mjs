// Memory that connections hold for nobody: the last answer of an idle one, a copy of a file for
// each that reads it slowly.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { before, describe, it } from 'node:test';
import { Authority } from './certificates.mjs';
import { Server, freshName, memoryOf, unsanitized, within } from './support.mjs';
import { Tcp } from './raw.mjs';

/// GETs a path over a connection of its own, which then stays open; resolves to the bytes that came.
function getAndStay(server, path) {
  const agent = new (server.ca ? https : http).Agent({ keepAlive: true, ca: server.ca });
  const answer = new Promise((resolve, reject) => {
    const request = (server.ca ? https : http).get(`${server.url}${path}`, { agent }, (response) => {
      let bytes = 0;
      response.on('data', (data) => (bytes += data.length));
      response.on('error', reject);
      response.on('end', () => resolve(bytes));
    });
    request.on('socket', (socket) => socket.unref());
    request.on('error', reject);
  });
  return within(answer, `GET ${path}`);
}

describe('A connection', unsanitized, () => {
  let authority;
  before(async () => {
    authority = await Authority.make();
    await authority.serve('held memory');
  });

  for (const secure of [false, true]) {
    it(`that is idle does not hold its last answer (${secure ? 'TLS' : 'plain'})`, async () => {
      const underTls = { args: authority.settings, ca: authority.root };
      const server = await Server.start(secure ? underTls : {});
      const { id } = await server.createRoom(freshName());
      for (let i = 0; i < 200; ++i) {
        const { status } = await server.post(`/api/messages/${id}`, { content: 'x'.repeat(4000) });
        assert.equal(status, 201);
      }
      const page = `/api/messages/${id}?limit=200`;
      const size = await getAndStay(server, page);
      assert.ok(size > 800_000);
      for (let i = 0; i < 10; ++i) await getAndStay(server, page);
      const earlier = memoryOf(server);
      const count = 100;
      for (let i = 0; i < count; ++i) await getAndStay(server, page);
      const grown = memoryOf(server) - earlier;
      assert.ok((await server.metric('hubbub_connections_open')) >= count, 'they are still open');
      assert.ok(grown < (count * size) / 4, `${grown} bytes more`);
      await server.stop();
    });
  }

  it('that reads a file slowly has no copy of it', async () => {
    const server = await Server.start();
    const path = '/socket.io/socket.io.js.map';
    const { text } = await server.get(path);
    const answered = () => server.metric('hubbub_http_requests_total');
    await answered();
    const earlier = memoryOf(server);
    const slow = [];
    for (let i = 0; i < 60; ++i) {
      const tcp = await Tcp.open(server);
      tcp.socket.pause();
      // More than the kernel buffers for a client that does not read.
      tcp.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(25));
      slow.push(tcp);
    }
    // All are stuck once no other request but this one is made.
    for (let last = -1, now = await answered(); now !== last + 1; now = await answered()) last = now;
    const grown = memoryOf(server) - earlier;
    assert.ok(grown < (slow.length * text.length) / 4, `${grown} bytes more`);
    for (const tcp of slow) tcp.destroy();
    await server.stop();
  });
});

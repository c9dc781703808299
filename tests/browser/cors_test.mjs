// Pages of other origins in a real browser, which sends credentials with every request: what
// `cors_origins` and `cors_credentials` let them do.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, deadline } from '../e2e/support.mjs';
import { openBrowser } from './pages.mjs';

let browser;
let site;
let port;
let server;
before(async () => {
  browser = await openBrowser();
  site = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    if (request.url === '/sandboxed') response.setHeader('Content-Security-Policy', 'sandbox allow-scripts');
    response.end('<!doctype html><title>another origin</title>');
  });
  await new Promise((resolve) => site.listen(0, resolve));
  port = site.address().port;
});
after(async () => {
  await browser?.close();
  site?.close();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server?.stop();
  server = undefined;
});

/// A page of this address, which has loaded the server's own client.
async function pageOf(address) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(deadline);
  await page.goto(address);
  await page.addScriptTag({ url: `${server.url}/socket.io/socket.io.js` });
  return page;
}

/// Returns the result of a connection with credentials: `connected by …`, or the error.
const connection = (page, transports) =>
  page.evaluate(
    ([url, options]) =>
      new Promise((resolve) => {
        const socket = globalThis.io(url, options);
        socket.on('connect_error', ({ message }) => resolve(message));
        socket.on('connect', () =>
          socket.emit('join_room', { room: 'square', username: 'eve' }, ({ ok }) =>
            resolve(`joined: ${ok}, by ${socket.io.engine.transport.name}`),
          ),
        );
      }),
    [server.url, { transports, withCredentials: true, reconnection: false, forceNew: true }],
  );

/// Returns what a page can read of an answer.
const read = (page, path, options = {}) =>
  page.evaluate(
    ([url, more]) =>
      fetch(url, { credentials: 'include', ...more }).then(
        async (answer) => ({ status: answer.status, body: await answer.text() }),
        () => 'nothing',
      ),
    [server.url + path, options],
  );

const joined = (transport) => `joined: true, by ${transport}`;

describe('A page of a listed origin', () => {
  it('connects with credentials by polling and by WebSocket', async () => {
    server = await Server.start({ args: ['--cors-origins', `HTTP://LocalHost:${port}`] });
    const page = await pageOf(`http://localhost:${port}`);
    assert.equal(await connection(page, ['polling']), joined('polling'));
    assert.equal(await connection(page, ['websocket']), joined('websocket'));
    const other = await pageOf(`http://127.0.0.1:${port}`);
    assert.equal(await connection(other, ['polling']), 'xhr poll error');
    assert.equal(await connection(other, ['websocket']), 'websocket error');
    assert.equal(await read(other, '/api/rooms'), 'nothing');
  });

  it('reads refusals, those of an old protocol and of unread requests included', async () => {
    server = await Server.start({ args: ['--cors-origins', `http://localhost:${port}`, '--max-payload', '1000'] });
    const page = await pageOf(`http://localhost:${port}`);
    const old = await read(page, '/socket.io/?EIO=3&transport=polling');
    assert.equal(old.status, 400);
    assert.deepEqual(JSON.parse(old.body), { code: 5, message: 'Unsupported protocol version' });
    const long = await read(page, `/api/rooms?q=${'x'.repeat(9_000)}`);
    assert.deepEqual([long.status, JSON.parse(long.body).error.code], [414, 'too_large']);
    const large = await read(page, '/api/rooms', { method: 'POST', body: 'x'.repeat(1_001) });
    assert.deepEqual([large.status, JSON.parse(large.body).error.code], [413, 'too_large']);
    const preflight = await read(page, '/api/rooms', { method: 'PUT', headers: { 'X-Mine': '1' } });
    assert.equal(preflight.status, 405);
  });

  it('may be one below a name, or a page without an origin', async () => {
    server = await Server.start({ args: ['--cors-origins', `http://*.chat.localhost:${port},null`] });
    for (const name of ['a.chat.localhost', 'a.b.chat.localhost'])
      assert.equal(await connection(await pageOf(`http://${name}:${port}`), ['polling']), joined('polling'));
    for (const name of ['chat.localhost', 'evilchat.localhost'])
      assert.equal(await connection(await pageOf(`http://${name}:${port}`), ['polling']), 'xhr poll error');
    const sandboxed = await pageOf(`http://localhost:${port}/sandboxed`);
    assert.equal(await sandboxed.evaluate(() => globalThis.origin), 'null');
    assert.equal(await connection(sandboxed, ['polling']), joined('polling'));
  });
});

describe('Where every origin may read', () => {
  it('a page may send credentials only with cors_credentials', async () => {
    server = await Server.start();
    const plain = await pageOf(`http://localhost:${port}`);
    assert.equal(await connection(plain, ['polling']), 'xhr poll error');
    assert.equal((await read(plain, '/api/rooms', { credentials: 'omit' })).status, 200);
    assert.equal(await read(plain, '/api/rooms'), 'nothing');
    await server.stop();

    server = await Server.start({ args: ['--cors-credentials'] });
    const page = await pageOf(`http://localhost:${port}`);
    assert.equal(await connection(page, ['polling']), joined('polling'));
    assert.equal((await read(page, '/api/rooms')).status, 200);
  });
});

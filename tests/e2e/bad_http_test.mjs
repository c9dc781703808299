// HTTP that no client should send, over bare TCP: each ends in a clear error for that connection.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server } from './support.mjs';
import { closeClients, connect, join, send } from './clients.mjs';
import { Tcp, exchange } from './raw.mjs';

let server;
let alice;
before(async () => {
  server = await Server.start();
  alice = await connect(server, { username: 'alice' });
  await join(alice, 'lobby');
});
after(async () => {
  closeClients();
  await server?.stop();
});
afterEach(async () => {
  assert.equal((await send(alice, 'lobby', 'still here')).content, 'still here');
  assert.equal((await server.get('/healthz')).status, 200);
});

const host = 'Host: localhost\r\n';
const closing = `${host}Connection: close\r\n`;
const complete = (text) => {
  const end = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text);
  return end >= 0 && (!length || text.length >= end + 4 + Number(length[1]));
};
const statusOf = async (bytes) => {
  const text = await exchange(server, bytes, complete);
  return Number(/^HTTP\/1\.[01] (\d{3}) /.exec(text)?.[1] ?? assert.fail(`no HTTP: ${text}`));
};

describe('The server answers', () => {
  for (const [title, status, bytes] of [
    ['400 where Host is missing', /400/, 'GET /api/rooms HTTP/1.1\r\n\r\n'],
    [
      '431 to a header of 1 MB',
      /431/,
      `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(1_000_000)}\r\n\r\n`,
    ],
    [
      '431 to 100,000 headers',
      /431/,
      `GET / HTTP/1.1\r\n${host}${'a: b\r\n'.repeat(100_000)}\r\n`,
    ],
    [
      '431 to a target of 1 MB, which is more than a whole head may have',
      /431/,
      `GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\n${host}\r\n`,
    ],
    ['404 to a target of 8,192 bytes', /404/, `GET /${'x'.repeat(8_191)} HTTP/1.1\r\n${host}\r\n`],
    ['414 to a target of 8,193 bytes', /414/, `GET /${'x'.repeat(8_192)} HTTP/1.1\r\n${host}\r\n`],
    ['200 to 100 headers', /200/, `GET /healthz HTTP/1.1\r\n${host}${'a: b\r\n'.repeat(99)}\r\n`],
    ['431 to 101 headers', /431/, `GET /healthz HTTP/1.1\r\n${host}${'a: b\r\n'.repeat(100)}\r\n`],
    [
      '400 to a Content-Length that is no number',
      /400/,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: abc\r\n\r\n`,
    ],
    [
      '400 to a negative Content-Length',
      /400/,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
    ],
    [
      '400 to two Content-Lengths',
      /400/,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
    ],
    [
      '413 or 400 to a Content-Length beyond 64 bits',
      /413|400/,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: 99999999999999999999\r\n\r\n`,
    ],
    [
      '413 to a declared body of 10 GB',
      /413/,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: 10000000000\r\n\r\n`,
    ],
    [
      '400 to Content-Length beside chunks',
      /400/,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      '400 to a chunk size that is no number',
      /400/,
      `POST /api/rooms HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ],
    ['400 to a POST without a body', /400/, `POST /api/rooms HTTP/1.1\r\n${closing}\r\n`],
    [
      '400 to a POST of length 0',
      /400/,
      `POST /messages/ HTTP/1.1\r\n${closing}Content-Length: 0\r\n\r\n`,
    ],
    ['4xx to %00 in a path', /400|404/, `GET /api/%00rooms HTTP/1.1\r\n${closing}\r\n`],
    ['4xx to %00 for a room', /400|404/, `GET /api/rooms/%00 HTTP/1.1\r\n${closing}\r\n`],
    ['4xx to a broken escape', /400|404/, `GET /api/rooms/%zz HTTP/1.1\r\n${closing}\r\n`],
    ['4xx to an escape cut short', /400|404/, `GET /api/rooms/1%2 HTTP/1.1\r\n${closing}\r\n`],
    [
      '4xx to bytes that are not UTF-8 in a path',
      /400|404/,
      `GET /api/rooms/%ff%fe HTTP/1.1\r\n${closing}\r\n`,
    ],
    [
      '404 to a way out of the page folder',
      /400|404/,
      `GET /../../etc/passwd HTTP/1.1\r\n${closing}\r\n`,
    ],
    [
      '404 to an escaped way out of the page folder',
      /400|404/,
      `GET /socket.io/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n${closing}\r\n`,
    ],
    ['400 to a request line that is none', /400/, 'HELLO\r\n\r\n'],
    ['400 to a NUL in a header', /400/, `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`],
    [
      '405 or 501 to a method that does not exist',
      /405|400|501/,
      `BREW /api/rooms HTTP/1.1\r\n${closing}\r\n`,
    ],
    ['4xx or 505 to HTTP/2.0', /400|505/, `GET / HTTP/2.0\r\n${host}\r\n`],
    [
      '400 to a TLS hello',
      /400/,
      Buffer.from('\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n', 'latin1'),
    ],
  ]) {
    it(title, async () => assert.match(String(await statusOf(bytes)), status));
  }

  it('400 to HTTP/1.0 that asks for a WebSocket, which it cannot', async () => {
    const text = await exchange(
      server,
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.0\r\nConnection: Upgrade\r\n' +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    assert.match(text, /^HTTP\/1\.[01] 400 /);
  });

  it('200 to HTTP/1.0 without Host, and ends the connection', async () => {
    const text = await exchange(server, 'GET /healthz HTTP/1.0\r\n\r\n');
    assert.match(text, /^HTTP\/1\.[01] 200 /);
  });

  it('errors as JSON', async () => {
    const text = await exchange(server, `GET /nowhere HTTP/1.1\r\n${closing}\r\n`);
    const [head, body] = text.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 404 [^]*content-type: application\/json/i);
    assert.equal(JSON.parse(body).error.code, 'not_found');
  });
});

describe('The head of a request', () => {
  const head = (bytes) => {
    const start = 'GET /healthz HTTP/1.1\r\nX: ';
    const end = `\r\n${closing}\r\n`;
    return `${start}${'x'.repeat(bytes - start.length - end.length)}${end}`;
  };
  // Fields that came with the first read are not counted, so more than the bound is more by this
  // much.
  const firstRead = 512;

  for (const [title, bound, args] of [
    ['16,384 bytes', 16_384, []],
    ['as many bytes as a smaller max_header_bytes says', 2_000, ['--max-header-bytes', '2000']],
    ['as many bytes as a larger max_header_bytes says', 60_000, ['--max-header-bytes', '60000']],
  ]) {
    it(`may have ${title}, and past them gets 431 and the end`, async () => {
      const bounded = await Server.start({ args });
      assert.match(await exchange(bounded, head(bound)), /^HTTP\/1\.1 200 /);
      const text = await exchange(bounded, head(bound + firstRead));
      assert.match(text, /^HTTP\/1\.1 431 [^]*connection: close/i);
      assert.equal(JSON.parse(text.split('\r\n\r\n')[1]).error.code, 'too_large');
      assert.equal((await bounded.get('/healthz')).status, 200);
      await bounded.stop();
    });
  }
});

describe('A connection', () => {
  it('may pipeline requests: the answers come in order', async () => {
    const paths = ['/healthz', '/api/rooms/999999', '/api/info', '/nowhere', '/api/rooms?limit=1'];
    const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\n${host}\r\n`).join('');
    const last = `GET /readyz HTTP/1.1\r\n${closing}\r\n`;
    const text = await exchange(server, requests + last);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
    assert.deepEqual(statuses, ['200', '404', '200', '404', '200', '200']);
    assert.ok(text.indexOf('"version"') < text.indexOf('"rooms"'));
  });

  it('may pipeline posts: they are stored in order', async () => {
    const { id } = await server.createRoom('pipeline');
    const post = (content, headers) => {
      const body = JSON.stringify({ content });
      return `POST /api/messages/${id} HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
    };
    const contents = Array.from({ length: 20 }, (_, i) => `m${i}`);
    const bytes = contents.map((content, i) => post(content, i < 19 ? host : closing)).join('');
    const text = await exchange(server, bytes);
    assert.equal([...text.matchAll(/HTTP\/1\.1 201 /g)].length, 20);
    const history = await server.history(id);
    assert.deepEqual(
      history.map((message) => message.content),
      contents,
    );
  });

  it('may send its request byte by byte, and its body in chunks', async () => {
    const tcp = await Tcp.open(server);
    tcp.socket.setNoDelay(true);
    const request =
      `POST /api/rooms HTTP/1.1\r\n${closing}Transfer-Encoding: chunked\r\n\r\n` +
      '8\r\n{"name":\r\n7\r\n"drip"}\r\n0\r\n\r\n';
    for (const byte of Buffer.from(request)) tcp.write(Buffer.from([byte]));
    await tcp.closed;
    assert.match(tcp.text, /^HTTP\/1\.1 201 /);
    tcp.destroy();
  });

  it('that asks to expect 100-continue gets it and then its answer', async () => {
    const tcp = await Tcp.open(server);
    const body = '{"name":"expected"}';
    tcp.write(
      `POST /api/rooms HTTP/1.1\r\n${closing}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await tcp.until((text) => text.startsWith('HTTP/1.1 100 '));
    tcp.write(body);
    await tcp.closed;
    assert.match(tcp.text, /HTTP\/1\.1 201 /);
    tcp.destroy();
  });

  it('that goes away in the middle of its request harms nobody', async () => {
    for (const bytes of [
      '',
      'GE',
      `GET / HTTP/1.1\r\n${host}`,
      `POST /api/rooms HTTP/1.1\r\n${host}Content-Length: 50\r\n\r\n{"na`,
    ]) {
      const tcp = await Tcp.open(server);
      if (bytes !== '') tcp.write(bytes);
      tcp.socket.resetAndDestroy?.() ?? tcp.destroy();
    }
  });
});

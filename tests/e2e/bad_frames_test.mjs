// WebSocket frames that no library would send, and invalid handshakes: the connection ends with the
// close code of RFC 6455, and the others never notice.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { closeClients, connect, join, nextEvent, send } from './clients.mjs';
import { EnginePolling, closeCode, connectRaw, exchange, frame, openFrames, textFrames } from './raw.mjs';

let server;
let alice;
let bob;
let room;
before(async () => {
  server = await Server.start();
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob', transports: ['polling'] });
  await join(alice, room);
  await join(bob, room);
});
after(async () => {
  closeClients();
  await server?.stop();
});
afterEach(async () => {
  const message = await send(alice, room, 'still here');
  assert.deepEqual(await nextEvent(bob, 'new_message', ({ id }) => id === message.id), message);
  const session = await connectRaw(server);
  session.ws.terminate();
});

const megabyte = 1_000_000;

function tooManyFragments() {
  const rest = Array.from({ length: 1_000 }, () => frame('x', { fin: false, opcode: 0 }));
  return [frame('4', { fin: false }), ...rest];
}

describe('A WebSocket is closed', () => {
  for (const [title, code, ...frames] of [
    ['with 1002 by a frame that is not masked', 1002, frame('40', { masked: false })],
    ['with 1002 by reserved bits', 1002, frame('40', { rsv: 4 })],
    ['with 1002 by a reserved opcode', 1002, frame('40', { opcode: 3 })],
    ['with 1002 by a reserved control opcode', 1002, frame('', { opcode: 11 })],
    ['with 1002 by a fragmented ping', 1002, frame('x', { opcode: 9, fin: false })],
    ['with 1002 by a ping of 126 bytes', 1002, frame('x'.repeat(126), { opcode: 9 })],
    ['with 1002 by a continuation of nothing', 1002, frame('40', { opcode: 0 })],
    [
      'with 1002 by a new message inside a fragmented one',
      1002,
      frame('4', { fin: false }),
      frame('0'),
    ],
    ['with 1007 by text that is not UTF-8', 1007, frame([0x34, 0x30, 0xff, 0xfe])],
    ['with 1007 by an overlong encoding', 1007, frame([0x34, 0xc0, 0xaf])],
    ['with 1007 by an encoded surrogate', 1007, frame([0x34, 0xed, 0xa0, 0x80])],
    ['with 1007 by a character cut short', 1007, frame([0x34, 0xf0, 0x9f, 0x98])],
    [
      'with 1007 by a character cut short in the last of two fragments',
      1007,
      frame([0x34, 0xf0, 0x9f], { fin: false }),
      frame([0x98], { opcode: 0 }),
    ],
    ['with 1002 by an Engine.IO packet of the server', 1002, frame('2')],
    ['with 1002 by an Engine.IO packet of an unknown type', 1002, frame('7')],
    ['with 1002 by an empty Engine.IO packet', 1002, frame('')],
    ['with 1008 by more than 1,000 fragments', 1008, ...tooManyFragments()],
    ['with 1009 by a message over maxPayload', 1009, frame(`4${'x'.repeat(megabyte)}`)],
    ['with 1009 by a declared length over maxPayload', 1009, frame('4', { length: 2 ** 40 })],
    [
      'with 1009 by fragments that together pass maxPayload',
      1009,
      frame(`4${'x'.repeat(600_000)}`, { fin: false }),
      frame('x'.repeat(600_000), { opcode: 0 }),
    ],
    [
      'with 1009 by a room name of 10 MB',
      1009,
      frame(`420["join_room",{"room":"${'x'.repeat(10 * megabyte)}"}]`),
    ],
  ]) {
    it(title, async () => {
      const tcp = await openFrames(server);
      for (const bytes of frames) tcp.write(bytes);
      assert.equal(await closeCode(tcp), code);
      assert.deepEqual(textFrames(tcp.bytes), ['1']);
      tcp.destroy();
    });
  }

  it('by a declared length with the highest bit set', async () => {
    const tcp = await openFrames(server);
    tcp.write(Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4]));
    assert.match(String(await closeCode(tcp)), /^(1002|1009)$/);
    tcp.destroy();
  });

  it('by its peer in the middle of a frame', async () => {
    const tcp = await openFrames(server);
    tcp.write(frame('40{"username":"half"}').subarray(0, 9));
    tcp.socket.end();
    await tcp.closed;
  });

  it('in answer to a close frame', async () => {
    const tcp = await openFrames(server);
    tcp.write(frame([0x03, 0xe8], { opcode: 8 }));
    assert.equal(await closeCode(tcp), 1000);
  });
});

describe('A WebSocket that is right', () => {
  it('may send its message in fragments with a ping between', async () => {
    const tcp = await openFrames(server);
    tcp.write(frame('4', { fin: false }));
    tcp.write(frame('hello', { opcode: 9 }));
    tcp.write(frame('0{"user', { fin: false, opcode: 0 }));
    tcp.write(frame('name":"fay"}', { opcode: 0 }));
    await tcp.until((text) => text.includes('hello') && text.includes('40{"sid"'));
    tcp.destroy();
  });

  it('may send byte by byte', async () => {
    const tcp = await openFrames(server);
    tcp.socket.setNoDelay(true);
    for (const byte of frame('40{"username":"slow"}')) tcp.write(Buffer.from([byte]));
    await tcp.until((text) => text.includes('40{"sid"'));
    tcp.destroy();
  });

  it('may send its first frames together with the handshake', async () => {
    const text = await exchange(
      server,
      Buffer.concat([Buffer.from(handshake('/socket.io/?EIO=4&transport=websocket')), frame('40')]),
      (answer) => answer.includes('40{"sid"'),
    );
    assert.match(text, /^HTTP\/1\.1 101 /);
  });
});

const upgrade = {
  Host: 'localhost',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

function handshake(target, headers = {}) {
  const lines = Object.entries({ ...upgrade, ...headers })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

describe('A WebSocket handshake', () => {
  const target = '/socket.io/?EIO=4&transport=websocket';
  const complete = (text) => text.includes('\r\n\r\n');

  it('is answered with the accept key of RFC 6455', async () => {
    const text = await exchange(server, handshake(target), complete);
    assert.match(text, /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
  });

  for (const [title, headers] of [
    ['without a key', { 'Sec-WebSocket-Key': undefined }],
    ['with version 8', { 'Sec-WebSocket-Version': '8' }],
    ['without Connection: Upgrade', { Connection: 'keep-alive' }],
    ['without Upgrade', { Upgrade: undefined }],
  ]) {
    it(`${title} is refused with 4xx`, async () => {
      assert.match(
        await exchange(server, handshake(target, headers), complete),
        /^HTTP\/1\.1 4\d\d /,
      );
    });
  }

  for (const bad of [
    '/socket.io/?EIO=3&transport=websocket',
    '/socket.io/?EIO=4&transport=websocket&sid=unknown',
    '/socket.io/?EIO=4&transport=carrier-pigeon',
    '/api/rooms',
    '/nowhere',
  ]) {
    it(`to ${bad} opens no session`, async () => {
      const text = await exchange(server, handshake(bad), (answer) =>
        /^HTTP\/1\.1 [24]/.test(answer),
      );
      assert.doesNotMatch(text, /"sid"/);
    });
  }
});

describe('Over long-polling', () => {
  for (const [title, status, body] of [
    ['a room name of 10 MB is 413', 413, `42["join_room",{"room":"${'x'.repeat(10_000_000)}"}]`],
    ['text that is not UTF-8 is 400', 400, Buffer.from([0x34, 0x32, 0xff, 0xfe])],
    ['a POST without packets is 400', 400, ''],
    ['half a million packets are 400', 400, '6\x1e'.repeat(499_999)],
  ]) {
    it(`${title} and ends the session`, async () => {
      const session = await EnginePolling.connect(server, { username: 'mallory' });
      assert.equal((await session.post(body)).status, status);
      const { status: later, body: error } = await session.get();
      assert.deepEqual([later, error], [400, { code: 1, message: 'Session ID unknown' }]);
    });
  }
});

// Socket.IO 5 against the echo server: connect, events, acks both ways, binary, namespaces.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server } from './support.mjs';
import { closeClients, connect, nextEvent, onTransport, openSocket } from './clients.mjs';
import { transportChoices } from './clients.mjs';
import { EnginePolling, EngineWebSocket } from './raw.mjs';

let server;
before(async () => (server = await Server.start({ program: 'hubbub-echo' })));
after(() => server?.stop());
afterEach(closeClients);

const echo = (socket, ...args) =>
  new Promise((resolve) => socket.emit('message-with-ack', ...args, (...back) => resolve(back)));

for (const { title, transports, ends } of transportChoices) {
  describe(`A Socket.IO client on ${title}`, () => {
    it('is told its auth payload', async () => {
      const plain = await connect(server, { transports });
      assert.deepEqual(await nextEvent(plain, 'auth'), {});
      const auth = { token: 'ünï', deep: { list: [1, null, true] } };
      const known = await connect(server, { transports, auth });
      assert.deepEqual(await nextEvent(known, 'auth'), auth);
      const custom = await connect(server, { transports, auth, namespace: '/custom' });
      assert.deepEqual(await nextEvent(custom, 'auth'), auth);
    });

    it('gets its events back, text and binary, in order', async () => {
      const socket = await connect(server, { transports });
      const back = [];
      const all = new Promise((resolve) => {
        socket.on('message-back', (...args) => back.push(args) === sent.length && resolve());
      });
      const sent = [[1, '2', { 3: [true] }], [Buffer.from([1, 2, 3])], [], [null]];
      for (let i = 0; i < 40; ++i) sent.push([i, Buffer.from([i]), { deep: [Buffer.from('x')] }]);
      for (const args of sent) socket.emit('message', ...args);
      await all;
      assert.deepEqual(back, sent);
      await onTransport(socket, ends);
    });

    it('gets back what it sends at once, though the client counts bytes too small', async () => {
      const socket = await connect(server, { transports });
      const sent = Array.from({ length: 10 }, (_, i) => Buffer.alloc(75_000, i));
      const back = await Promise.all(sent.map((bytes) => echo(socket, bytes)));
      assert.deepEqual(back.flat(), sent);
      await onTransport(socket, ends);
    });

    it('gets its acks, text and binary', async () => {
      const socket = await connect(server, { transports });
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 255));
      for (const args of [
        [],
        [1, '2', { 3: [false] }],
        [bytes, bytes],
        [{ a: bytes, b: ['é', bytes] }],
      ]) {
        assert.deepEqual(await echo(socket, ...args), args);
      }
    });

    it('connects with subprotocols, and is given the first', async () => {
      const options = { transports, protocols: ['chat.v1', 'chat.v0'] };
      const socket = await connect(server, options);
      await onTransport(socket, ends);
      const { ws } = socket.io.engine.transport;
      if (ends === 'websocket') assert.equal(ws.protocol, 'chat.v1');
      assert.deepEqual(await echo(socket, 1), [1]);
    });

    it('disconnects in order', async () => {
      const socket = await connect(server, { transports });
      await onTransport(socket, ends);
      socket.disconnect();
      assert.equal(await nextEvent(socket, 'disconnect'), 'io client disconnect');
    });

    it('is refused in an unknown namespace', async () => {
      const socket = openSocket(server, { transports, namespace: '/unknown' });
      assert.equal((await nextEvent(socket, 'connect_error')).message, 'Invalid namespace');
    });
  });
}

describe('Several namespaces', () => {
  it('share one connection', async () => {
    const main = await connect(server, { auth: { n: 1 } });
    const custom = main.io.socket('/custom', { auth: { n: 2 } });
    const auth = new Promise((resolve) => custom.once('auth', resolve));
    assert.deepEqual(await auth, { n: 2 });
    assert.notEqual(custom.id, main.id);
    assert.deepEqual(await echo(main, 'still here'), ['still here']);
    custom.disconnect();
    assert.deepEqual(await echo(main, 'and still'), ['and still']);
  });
});

/// Returns a raw session in namespace `/`, after its auth event.
async function openRaw() {
  const session = await EngineWebSocket.open(server);
  session.send('40');
  assert.match(await session.next(), /^40\{"sid":"[^"]+"\}$/);
  assert.equal(await session.next(), '42["auth",{}]');
  return session;
}

describe('On the wire, the server', () => {
  it('answers CONNECT with a sid alone and then emits', async () => {
    const session = await EngineWebSocket.open(server);
    session.send('40{"token":"123"}');
    assert.match(await session.next(), /^40\{"sid":"[^"]+"\}$/);
    assert.equal(await session.next(), '42["auth",{"token":"123"}]');
    session.send('40/custom,{"token":"abc"}');
    assert.match(await session.next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    assert.equal(await session.next(), '42/custom,["auth",{"token":"abc"}]');
  });

  it('reads the namespace with or without a comma', async () => {
    for (const packet of ['40/custom', '40/custom,']) {
      const session = await EngineWebSocket.open(server);
      session.send(packet);
      assert.match(await session.next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    }
    const session = await EngineWebSocket.open(server);
    session.send('40/random');
    assert.equal(await session.next(), '44/random,{"message":"Invalid namespace"}');
  });

  it('sends events, acks and attachments byte for byte as it got them', async () => {
    const session = await openRaw();
    const placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    const exchanges = [
      [['42["message",1,"2",{"3":[true]}]'], ['42["message-back",1,"2",{"3":[true]}]']],
      [['42456["message-with-ack",1,"2"]'], ['43456[1,"2"]']],
      [['420["message-with-ack"]'], ['430[]']],
      [
        [`452-["message",${placeholders}]`, Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])],
        [`452-["message-back",${placeholders}]`, Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])],
      ],
      [
        [`452-789["message-with-ack",${placeholders}]`, Buffer.from([1]), Buffer.from([])],
        [`462-789[${placeholders}]`, Buffer.from([1]), Buffer.from([])],
      ],
    ];
    for (const [packets, answers] of exchanges) {
      for (const packet of packets) session.send(packet);
      for (const answer of answers) assert.deepEqual(await session.next(), answer);
    }
    session.ws.close();
  });

  it('sends attachments over long-polling as base64', async () => {
    const session = await EnginePolling.open(server);
    await session.send('40');
    await session.pollUntil(2);
    await session.send('451-["message",{"_placeholder":true,"num":0}]', 'bAQIDBA==');
    assert.deepEqual((await session.pollUntil(2)).flat(), [
      '451-["message-back",{"_placeholder":true,"num":0}]',
      'bAQIDBA==',
    ]);
  });

  it('keeps the connection when the client leaves a namespace', async () => {
    const session = await openRaw();
    session.send('40/custom');
    await session.find((packet) => packet.startsWith('42/custom,["auth"'));
    session.send('41/custom,');
    session.send('42["message","x"]');
    assert.equal(await session.next(), '42["message-back","x"]');
    session.send('41');
    session.send('40');
    assert.match(await session.next(), /^40\{"sid"/);
    session.ws.close();
  });

  it('ignores the answer to a question that it never asked', async () => {
    const session = await openRaw();
    session.send('4399["x"]');
    session.send('42["message","x"]');
    assert.equal(await session.next(), '42["message-back","x"]');
    session.ws.close();
  });

  it('allows ten attachments', async () => {
    const session = await openRaw();
    const placeholders = Array.from({ length: 10 }, (_, num) => ({ _placeholder: true, num }));
    const args = JSON.stringify(placeholders).slice(1, -1);
    session.send(`4510-["message",${args}]`);
    for (let i = 0; i < 10; ++i) session.send(Buffer.from([i]));
    assert.equal(await session.next(), `4510-["message-back",${args}]`);
    for (let i = 0; i < 10; ++i) assert.deepEqual(await session.next(), Buffer.from([i]));
    session.ws.close();
  });
});

// permessage-deflate with the official client: half of a room compresses, the other does not, and
// all get the same.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertContiguous, ask, closeClients, connect, join, nextEvent, onTransport } from './clients.mjs';
import { received, send, sendMany } from './clients.mjs';
import { Server, freshName } from './support.mjs';

let server;
before(async () => {
  server = await Server.start({ args: ['--compression', '--io-threads', '2'] });
});
afterEach(closeClients);
after(() => server.stop());

const deflating = { perMessageDeflate: { threshold: 100 } };
const websocketOf = (socket) => socket.io.engine.transport.ws;
const extensionsOf = (socket) => websocketOf(socket).extensions;
const bytesRead = (socket) => websocketOf(socket)._socket.bytesRead;
const text = (i) => `${i} ${'the same words again and again, '.repeat(1 + (i % 40))}`;

describe('With compression', () => {
  for (const transports of [['websocket'], ['polling', 'websocket']]) {
    it(`those who compress and those who do not get the same over ${transports}`, async () => {
      const room = freshName();
      const options = (username, more) => ({ username, transports, ...more });
      const alice = await connect(server, options('alice', deflating));
      const bob = await connect(server, options('bob', deflating));
      const carol = await connect(server, options('carol', { perMessageDeflate: false }));
      for (const socket of [alice, bob, carol]) {
        await onTransport(socket, 'websocket');
        await join(socket, room);
      }
      assert.equal(extensionsOf(alice), 'permessage-deflate');
      assert.equal(extensionsOf(carol), '');

      const before = [bob, carol].map(bytesRead);
      const sent = await sendMany(alice, room, 200, { text });
      for (const socket of [bob, carol]) {
        await nextEvent(socket, 'new_message', ({ seq }) => seq === 200);
        const heard = received(socket, 'new_message');
        assertContiguous(heard, 1);
        assert.deepEqual(
          heard.map(({ content }) => content).sort(),
          sent.map(({ content }) => content).sort(),
        );
      }
      const [small, large] = [bob, carol].map((socket, i) => bytesRead(socket) - before[i]);
      assert.ok(small < large / 2, `${small} bytes compressed, ${large} not`);
    });
  }

  it('a page of history comes compressed, and sockets that recover get compressed events too', async () => {
    const room = freshName();
    const alice = await connect(server, { username: 'alice', ...deflating });
    const bob = await connect(server, { username: 'bob', query: { recover: '1' }, ...deflating });
    await join(alice, room);
    await join(bob, room);
    for (let i = 0; i < 20; ++i) await send(alice, room, text(i));
    // An offset comes after each event.
    await nextEvent(bob, 'new_message', ([{ seq }]) => seq === 20);
    const contents = received(bob, 'new_message').map(([{ content }]) => content);
    assert.deepEqual(contents, Array.from({ length: 20 }, (_, i) => text(i).trim()));
    const { messages } = await ask(bob, 'get_messages', { room });
    assert.deepEqual(messages.map(({ content }) => content), contents);
  });
});

describe('Without the setting', () => {
  it('no offer is taken up', async () => {
    const plain = await Server.start();
    const alice = await connect(plain, { username: 'alice', ...deflating });
    assert.equal(extensionsOf(alice), '');
    await plain.stop();
  });
});

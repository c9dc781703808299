// The whole service under TLS, for the official client and for curl; the certificate changes while
// it runs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { Authority } from './certificates.mjs';
import { assertContiguous, closeClients, connect, join, nextEvent, onTransport } from './clients.mjs';
import { received, send, sendMany, transportChoices } from './clients.mjs';
import { curl } from './curl.mjs';
import { Server, binary, environment, freshName, run, temporaryFolder, within } from './support.mjs';

let authority;
let server;

before(async () => {
  authority = await Authority.make();
  await authority.serve('first');
  // A client that moves to a WebSocket often lands on another thread than its session's.
  const hsts = ['--hsts', 'max-age=63072000; includeSubDomains'];
  const args = [...authority.settings, ...hsts, '--io-threads', '3'];
  server = await Server.start({ args, ca: authority.root });
});
afterEach(closeClients);
after(() => server.stop());

/// Makes a TLS connection: `{name, protocol}` of the server's certificate, or the error.
async function greet(options = {}) {
  const socket = tls.connect({ host: 'localhost', port: server.port, ca: authority.root, ...options });
  try {
    await within(once(socket, 'secureConnect'), 'a TLS handshake');
    return { name: socket.getPeerCertificate().subject.CN, protocol: socket.getProtocol() };
  } finally {
    socket.destroy();
  }
}

describe('Over TLS', () => {
  it('the log says that the certificate ends soon', () =>
    server.logged(/ warning certificate_ends: the certificate ends soon; renew it .* days=[12] file="[^"]+"\n/g));

  it('a client that does not trust the certificate is counted and told in the log', async () => {
    const trusts = ['-no-CAfile', '-no-CApath', '-no-CAstore', '-verify_return_error'];
    const { code } = await run('openssl', ['s_client', '-connect', `127.0.0.1:${server.port}`, ...trusts]);
    assert.equal(code, 1);
    await server.logged(/ warning certificate_disliked: .* client="127\.0\.0\.1" why=".*unknown ca"\n/g);
    assert.equal(await server.metric('hubbub_certificates_disliked_total'), 1);
  });

  it('the ready line names https', () => assert.match(server.url, /^https:\/\/localhost:\d+$/));

  for (const { title, transports, ends } of transportChoices) {
    it(`people talk over ${title}`, async () => {
      const room = freshName();
      const alice = await connect(server, { username: 'alice', transports });
      const bob = await connect(server, { username: 'bob', transports });
      await Promise.all([alice, bob].map((socket) => onTransport(socket, ends)));
      await join(alice, room);
      await join(bob, room);
      const sent = await sendMany(alice, room, 200, { text: (i) => `${i} ${'x'.repeat(i * 15)}` });
      await nextEvent(bob, 'new_message', ({ seq }) => seq === 200);
      const heard = received(bob, 'new_message');
      assertContiguous(heard, 1);
      const bySeq = (a, b) => a.seq - b.seq;
      assert.deepEqual(heard, [...sent].sort(bySeq));
      const { id } = await send(bob, room, 'bye');
      await nextEvent(alice, 'new_message', (message) => message.id === id);
    });
  }

  it('many clients upgrade at once, wherever they land', async () => {
    const room = freshName();
    const transports = ['polling', 'websocket'];
    const names = Array.from({ length: 24 }, (_, i) => `user-${i}`);
    const all = await Promise.all(
      names.map(async (username) => {
        const socket = await connect(server, { username, transports });
        await join(socket, room);
        await onTransport(socket, 'websocket');
        return socket;
      }),
    );
    await send(all[0], room, 'everyone?');
    await Promise.all(all.slice(1).map((socket) => nextEvent(socket, 'new_message')));
  });

  it('curl trusts the chain', async () => {
    const page = await curl(server, '/healthz', '--cacert', authority.file('root.pem'));
    assert.equal(page.status, 200);
    assert.equal((await server.get('/api/info')).status, 200);
    assert.match((await server.get('/metrics')).text, /^hubbub_tls_handshakes_total [1-9]/m);
  });

  it('plain HTTP is answered by a 400 that says so', async () => {
    const plain = { url: `http://localhost:${server.port}` };
    const { status, body } = await curl(plain, '/healthz');
    assert.deepEqual([status, body.error.code], [400, 'bad_request']);
    assert.match(body.error.message, /HTTPS/);
  });

  it('every answer carries Strict-Transport-Security, as it is set', async () => {
    for (const path of ['/', '/healthz', '/nowhere', '/socket.io/?EIO=4&transport=polling']) {
      const { headers } = await curl(server, path, '--cacert', authority.file('root.pem'));
      assert.equal(headers['strict-transport-security'], 'max-age=63072000; includeSubDomains', path);
    }
  });

  it('TLS 1.2 and 1.3 are spoken, 1.1 is refused', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const { protocol } = await greet({ minVersion: version, maxVersion: version });
      assert.equal(protocol, version);
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await assert.rejects(greet(old), /protocol.version/i);
  });

  it('half-open handshakes by the hundred are closed in time, and hold nobody up', async () => {
    const args = [...authority.settings, '--tls-handshake-timeout', '2s'];
    const hasty = await Server.start({ args, ca: authority.root });
    const silent = Array.from({ length: 300 }, (_, i) => {
      const socket = net.connect(hasty.port, 'localhost');
      socket.on('error', () => {});
      socket.resume();
      if (i % 2) socket.write(Buffer.from([22, 3, 1, 2, 0, 1]));
      return once(socket, 'close');
    });
    const alice = await connect(hasty, { username: 'alice' });
    const room = freshName();
    await join(alice, room);
    await within(Promise.all(silent), 'the end of half-open handshakes');
    await send(alice, room, 'still here');
    await hasty.stop();
  });
});

describe('On SIGHUP', () => {
  it('new connections get the new certificate, old ones stay', async () => {
    const room = freshName();
    const before = await connect(server, { username: 'alice' });
    await join(before, room);
    assert.equal((await greet()).name, 'first');
    await authority.serve('second');
    server.child.kill('SIGHUP');
    await server.logged(/certificate was read again/g);
    assert.equal((await greet()).name, 'second');
    const late = await connect(server, { username: 'bob' });
    await join(late, room);
    await send(late, room, 'still there?');
    assert.equal((await nextEvent(before, 'new_message')).content, 'still there?');
  });

  it('a certificate that cannot be used changes nothing, and the log says so', async () => {
    const { name } = await greet();
    writeFileSync(authority.file('chain.pem'), 'half a certif');
    server.child.kill('SIGHUP');
    await server.logged(/certificate in use stays: .*chain\.pem/g);
    assert.equal((await greet()).name, name);
    await authority.serve('third');
    server.child.kill('SIGHUP');
    await server.logged(/certificate was read again/g, { count: 2 });
    assert.equal((await greet()).name, 'third');
  });

  it('a server without TLS goes on', async () => {
    const plain = await Server.start();
    plain.child.kill('SIGHUP');
    const alice = await connect(plain, { username: 'alice' });
    await join(alice, freshName());
    await plain.stop();
  });
});

describe('A start with a bad certificate', () => {
  const start = (...args) =>
    run(binary('hubbub'), ['serve', '--db', ':memory:', '--port', '0', ...args], {
      env: environment(),
    });

  it('says in one sentence what is wrong', async () => {
    const missing = `${temporaryFolder()}/none.pem`;
    const { code, stdout, stderr } = await start('--tls-cert', missing, '--tls-key', missing);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^hubbub: tls_cert: .*none\.pem cannot be read: No such file or directory\n$/);
  });

  it('wants certificate and key together', async () => {
    const { code, stderr } = await start('--tls-cert', authority.file('chain.pem'));
    assert.equal(code, 2);
    assert.match(stderr, /tls_cert and tls_key/);
  });
});

// Token mode: who is let in, what a token allows, how it ends and how it is renewed; API keys; and
// the commands that make both.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { ask, closeClients, connect, emitAck, join, nextEvent } from './clients.mjs';
import { openSocket, received, refused, send, transportChoices } from './clients.mjs';
import { Server, binary, environment, freshName, request, run } from './support.mjs';
import { temporaryFolder, within } from './support.mjs';
import { EngineWebSocket } from './raw.mjs';
import { hs256, inSeconds, issuer, secret, token } from './tokens.mjs';

afterEach(closeClients);

const folder = temporaryFolder();
const write = (name, text) => {
  const path = joinPath(folder, name);
  writeFileSync(path, text);
  return path;
};
const bearer = (text) => ({ authorization: `Bearer ${text}` });
const withToken = (server, text, options = {}) =>
  connect(server, { auth: { token: text }, ...options });

/// Returns the data of the CONNECT_ERROR.
async function refusal(server, auth) {
  const socket = openSocket(server, { auth });
  const error = await nextEvent(socket, 'connect_error');
  assert.equal(error.message, 'unauthorized');
  assert.ok(error.data.message.length > 0);
  return error.data.code;
}

/// Reads the keys again; returns once the log says how that went.
async function hangup(server) {
  const from = server.log.length;
  server.child.kill('SIGHUP');
  const read = () => /read again|old keys stay/.exec(server.log.slice(from));
  const more = () => new Promise((resolve) => server.child.stderr.once('data', resolve));
  while (!read()) await within(more(), 'the keys to be read again');
}

describe('A server with a secret', () => {
  let server;
  before(async () => {
    server = await Server.start({ env: { HUBBUB_JWT_SECRET: secret }, args: ['--jwt-leeway', '0'] });
  });
  after(() => server?.stop());

  it('says so', async () => {
    const { body } = await server.get('/api/info');
    assert.equal(body.auth, 'token');
    assert.ok(body.features.includes('refresh_token'));
  });

  it('lets nobody in without a good token, and says what is wrong', async () => {
    const rsa = issuer('RS256');
    assert.equal(await refusal(server, undefined), 'token_missing');
    assert.equal(await refusal(server, { username: 'ann' }), 'token_missing');
    assert.equal(await refusal(server, { token: null }), 'token_missing');
    const expired = token({ sub: 'ann', exp: inSeconds(-10) });
    assert.equal(await refusal(server, { token: expired }), 'token_expired');
    const claims = { sub: 'ann' };
    const good = token(claims);
    const [header, payload, signature] = good.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const other = Buffer.from('{"sub":"admin"}').toString('base64url');
    const forged = [
      'nonsense',
      token(claims, { sign: hs256('another secret, which is as long') }),
      token(claims, { alg: 'none', sign: () => Buffer.alloc(0) }),
      token(claims, { alg: 'HS512' }),
      token(claims, { alg: 'RS256', sign: rsa.raw }),
      token(claims, { header: { crit: ['x'] } }),
      token({ ...claims, nbf: inSeconds(3600) }),
      token({ sub: '' }),
      token({ sub: 'a\u0000b' }),
      token({ sub: 7 }),
      token({ sub: 'x'.repeat(65) }),
      token({ ...claims, rooms: 7 }),
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${other}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${good}.`,
      `${good}=`,
      `${good}\u0000`,
      ` ${good}`,
      `${good}${'A'.repeat(10_000)}`,
      `${header}.${payload}.${signature.slice(0, -1)}`,
      // A repeated name: a reader that takes only the last one sees another user.
      (() => {
        const text = `${header}.${Buffer.from('{"sub":"ann","sub":"admin"}').toString('base64url')}`;
        return `${text}.${hs256()(text).toString('base64url')}`;
      })(),
    ];
    for (const bad of forged) {
      assert.equal(await refusal(server, { token: bad }), 'token_invalid', bad);
      // Over HTTP, bytes that no header can contain are left out.
      if (/[\0 ]/.test(bad)) continue;
      const { status } = await request(server, 'GET', '/api/rooms', undefined, bearer(bad));
      assert.equal(status, 401, bad);
    }
  });

  it('closes a connection over which bad tokens come again and again', async () => {
    const session = await EngineWebSocket.open(server);
    for (let i = 0; i < 9; i++) session.send('40{"token":"x.y.z"}');
    for (let i = 0; i < 9; i++) assert.match(await session.next(), /^44\{"message":"unauthorized"/);
    // A valid one restarts the count, and a client that was let in once is counted like a new one.
    session.send(`40{"token":"${token({ sub: 'ann' })}"}`);
    assert.match(await session.next(), /^40\{"sid"/);
    session.send('41');
    for (let i = 0; i < 11; i++) session.send('40{"token":"x.y.z"}');
    for (let i = 0; i < 10; i++) assert.match(await session.next(), /^44\{"message":"unauthorized"/);
    await session.closed;
  });

  for (const { title, transports } of transportChoices) {
    it(`knows the user by the token, over ${title}`, async () => {
      const ann = await withToken(server, token({ sub: 'u-1', name: 'Ann' }), { transports });
      const room = freshName();
      const { members } = await join(ann, room, { username: 'mallory' });
      assert.deepEqual(members, [{ user_id: 'u-1', username: 'Ann', connections: 1 }]);
      assert.equal((await send(ann, room, 'hi')).user_id, 'u-1');
    });

    it(`ends the connection when the token expires, over ${title}`, async () => {
      const short = token({ sub: 'ann', exp: inSeconds(4) });
      const ann = await withToken(server, short, { transports, reconnection: true });
      const ben = await withToken(server, token({ sub: 'ben' }));
      const room = freshName();
      await join(ben, room);
      await join(ann, room);
      const { code } = await nextEvent(ann, 'token_expired');
      assert.equal(code, 'token_expired');
      assert.equal(await nextEvent(ann, 'disconnect'), 'io server disconnect');
      assert.equal(ann.active, false); // it does not come back by itself
      assert.equal((await nextEvent(ben, 'user_left')).user_id, 'ann');
      // With a new token it does.
      ann.auth = { token: token({ sub: 'ann' }) };
      ann.connect();
      await join(ann, room);
    });

    it(`keeps the connection where a newer token came in time, over ${title}`, async () => {
      const exp = inSeconds(5);
      const ann = await withToken(server, token({ sub: 'ann', exp }), { transports });
      const ben = await withToken(server, token({ sub: 'ben', exp }));
      const room = freshName();
      await join(ann, room);
      const later = inSeconds(3600);
      const ack = await ask(ann, 'refresh_token', { token: token({ sub: 'ann', exp: later }) });
      assert.deepEqual(ack, {
        ok: true,
        expires_at: new Date(later * 1000).toISOString(),
        left: [],
      });
      await nextEvent(ben, 'token_expired'); // by now ann's first one has expired too
      await send(ann, room, 'still here');
      assert.equal(received(ann, 'token_expired').length, 0);
    });
  }

  it('takes no newer token that is not good, or is another user’s', async () => {
    const ann = await withToken(server, token({ sub: 'ann' }));
    await refused(ann, 'unauthorized', 'refresh_token', {});
    await refused(ann, 'unauthorized', 'refresh_token', { token: 'x.y.z' });
    const old = token({ sub: 'ann', exp: inSeconds(-5) });
    await refused(ann, 'unauthorized', 'refresh_token', { token: old });
    await refused(ann, 'forbidden', 'refresh_token', { token: token({ sub: 'ben' }) });
    await join(ann, freshName());
  });

  it('keeps users to the rooms of their tokens, on the socket and over HTTP', async () => {
    const stem = freshName();
    const secretRoom = freshName('secret');
    const ann = await withToken(server, token({ sub: 'ann' }));
    const { room } = await join(ann, secretRoom);
    await join(ann, `${stem}-a`);
    await send(ann, secretRoom, 'elephant in secret');
    await send(ann, `${stem}-a`, 'elephant in the open');
    const limited = token({ sub: 'ben', rooms: [`${stem}-*`] });
    const ben = await withToken(server, limited);
    const allowed = (await join(ben, `${stem}-a`)).room.id;
    for (const where of [secretRoom, room.id]) {
      await refused(ben, 'forbidden', 'join_room', { room: where });
      await refused(ben, 'forbidden', 'send_message', { room: where, content: 'x' });
      await refused(ben, 'forbidden', 'get_messages', { room: where });
      await refused(ben, 'forbidden', 'get_members', { room: where });
      await refused(ben, 'forbidden', 'search_messages', { room: where, q: 'elephant' });
      await refused(ben, 'forbidden', 'typing', { room: where, is_typing: true });
    }
    const get = async (path) =>
      (await request(server, 'GET', path, undefined, bearer(limited))).body;
    const { results } = await get('/api/search?q=elephant');
    assert.deepEqual(results.map((each) => each.message.room), [`${stem}-a`]);
    const { rooms } = await get('/api/rooms?limit=500');
    assert.deepEqual(rooms.map((each) => each.name), [`${stem}-a`]);
    // Hidden rooms leave no gap: pages are full, and the last one says that it is the last.
    await join(ann, `${stem}-b`);
    await send(ann, `${stem}-b`, 'elephant in the open, too');
    await send(ann, secretRoom, 'one more elephant in secret');
    const page = await get('/api/search?q=elephant&limit=2');
    assert.equal(page.results.length, 2);
    assert.equal(page.has_more, false);
    const firstRoom = await get('/api/rooms?limit=1');
    assert.deepEqual(firstRoom.rooms.map((each) => each.name), [`${stem}-a`]);
    const secondRoom = await get(`/api/rooms?limit=1&after=${firstRoom.next}`);
    assert.deepEqual(secondRoom.rooms.map((each) => each.name), [`${stem}-b`]);
    assert.equal(secondRoom.next, null);
    assert.equal((await get(`/api/messages/${room.id}`)).error.code, 'forbidden');
    const left = await ask(ben, 'refresh_token', { token: token({ sub: 'ben', rooms: ['x'] }) });
    assert.deepEqual(left.left, [allowed]);
    assert.equal((await nextEvent(ann, 'user_left')).user_id, 'ben');
  });

  it('keeps who may only read from writing', async () => {
    const room = freshName();
    const ann = await withToken(server, token({ sub: 'ann' }));
    await join(ann, room);
    const reader = token({ sub: 'ben', scope: 'read' });
    const ben = await withToken(server, reader);
    await join(ben, room);
    await refused(ben, 'forbidden', 'send_message', { room, content: 'x' });
    await refused(ben, 'not_found', 'join_room', { room: freshName() });
    const body = { room, content: 'x' };
    const posted = await request(server, 'POST', '/messages', body, bearer(reader));
    assert.equal(posted.status, 403);
  });

  it('answers over HTTP with what to do', async () => {
    const bare = await server.get('/api/rooms');
    assert.equal(bare.status, 401);
    assert.equal(bare.headers['www-authenticate'], 'Bearer');
    assert.equal(bare.body.error.code, 'unauthorized');
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/info', '/', '/openapi.json'])
      assert.equal((await server.get(path)).status, 200, path);
  });

  it('takes tokens that its own command makes', async () => {
    const env = environment({ HUBBUB_JWT_SECRET: secret });
    const args = ['token', '--user', 'u-7', '--name', 'Zoë', '--room', 'tea', '--room', 'x-*'];
    const made = await run(binary('hubbub'), [...args, '--scope', 'read', '--ttl', '5m'], { env });
    assert.equal(made.code, 0, made.stderr);
    const claims = JSON.parse(Buffer.from(made.stdout.split('.')[1], 'base64url'));
    assert.equal(claims.exp - claims.iat, 300);
    assert.deepEqual(claims.rooms, ['tea', 'x-*']);
    const zoe = await withToken(server, made.stdout.trim());
    await refused(zoe, 'forbidden', 'join_room', { room: 'coffee' });
    const other = await run(binary('hubbub'), ['token', '--user', 'ann'], { env: environment() });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /jwt_secret/);
  });

  it('never logs, shows or counts a token or a secret', async () => {
    const loud = await Server.start({
      args: ['--log-level', 'trace', '--jwt-secret', secret],
    });
    const good = token({ sub: 'ann' });
    const bad = token({ sub: 'ann' }, { sign: hs256('another secret, which is as long') });
    const ann = await withToken(loud, good);
    await ask(ann, 'refresh_token', { token: good });
    await emitAck(ann, 'refresh_token', { token: bad });
    await refusal(loud, { token: bad });
    await request(loud, 'GET', '/api/rooms', undefined, bearer(good));
    const answer = await request(loud, 'GET', '/api/rooms', undefined, bearer(bad));
    const metrics = await loud.get('/metrics');
    const help = await run(binary('hubbub'), ['serve', '--help'], {
      env: environment({ HUBBUB_JWT_SECRET: secret }),
    });
    await loud.stop();
    for (const text of [loud.log, metrics.text, answer.text, help.stdout]) {
      for (const each of [secret, good.split('.')[2], bad.split('.')[2], good.split('.')[1]])
        assert.ok(!text.includes(each));
    }
    assert.match(loud.log, /jwt_secret = \(not shown\)/);
  });
});

describe('A server with public keys', () => {
  it('takes tokens of RS256, ES256 and EdDSA, and none that confuses them', async () => {
    const issuers = ['RS256', 'ES256', 'EdDSA'].map(issuer);
    const files = issuers.map(({ pem }, i) => write(`key-${i}.pem`, pem));
    const server = await Server.start({ args: ['--jwt-public-key', files.join(',')] });
    for (const each of issuers) {
      await withToken(server, each.sign({ sub: 'ann' }));
      await withToken(server, each.sign({ sub: 'ann' }, { kid: 'whatever' }));
      // The key is public: a server that takes it for a secret lets everybody in.
      const confused = token({ sub: 'ann' }, { sign: hs256(each.pem) });
      assert.equal(await refusal(server, { token: confused }), 'token_invalid');
    }
    const [rsa, ec] = issuers;
    const swapped = token({ sub: 'ann' }, { alg: 'ES256', sign: rsa.raw });
    assert.equal(await refusal(server, { token: swapped }), 'token_invalid');
    const der = token({ sub: 'ann' }, { alg: 'ES256', sign: ec.der });
    assert.equal(await refusal(server, { token: der }), 'token_invalid');
    await server.stop();
  });

  it('takes what else issuers write: Ed25519 as an algorithm, names that are none, Bearer in front', async () => {
    const key = issuer('EdDSA');
    const server = await Server.start({ args: ['--jwks', write('ed.json', JSON.stringify({ keys: [key.jwk('a')] }))] });
    for (const name of ['', null, 'n'.repeat(65), 7]) {
      const text = token({ sub: 'ann', name }, { alg: 'Ed25519', header: { kid: 'a' }, sign: key.raw });
      const socket = await withToken(server, `Bearer ${text}`);
      const { members } = await join(socket, freshName());
      assert.deepEqual([members[0].user_id, members[0].username], ['ann', 'ann']);
      const { ok, left } = await emitAck(socket, 'refresh_token', `bearer ${text}`);
      assert.deepEqual([ok, left], [true, []]);
    }
    await server.stop();
  });

  it('keeps the good keys of a set beside those that are of no use, and tells each once', async () => {
    const [good, next] = [issuer('RS256'), issuer('ES256')];
    const weak = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const { y, ...half } = next.jwk('half');
    const useless = [
      { ...weak, kid: 'weak' },
      half,
      { ...next.jwk(7) },
      { ...good.jwk('padded'), n: `${good.jwk('x').n}==` },
      { ...next.jwk('enc'), use: 'enc' },
      'no key',
    ];
    const set = (...keys) => write('mixed.json', JSON.stringify({ keys }));
    const lines = write('mixed-keys', 'no key\n');
    const file = set(...useless, good.jwk('same'), { ...next.jwk('same') });
    const server = await Server.start({ args: ['--jwks', file] });
    await withToken(server, good.sign({ sub: 'ann' }, { kid: 'same' }));
    await withToken(server, next.sign({ sub: 'ben' }, { kid: 'same' }));
    await server.logged(/jwks '.*': key \d+ .*is ignored/g, { count: useless.length });
    for (let i = 1; i <= useless.length; ++i)
      assert.equal(server.log.match(new RegExp(`jwks '.*': key ${i} .*is ignored`, 'g')).length, 1);

    set(...useless, next.jwk('new'));
    await hangup(server);
    await withToken(server, next.sign({ sub: 'ben' }, { kid: 'new' }));
    assert.equal(await refusal(server, { token: good.sign({ sub: 'ann' }, { kid: 'same' }) }), 'token_invalid');

    set(...useless);
    await hangup(server);
    assert.match(server.log, /the old keys stay: jwks .*holds no key that can check tokens/);
    await withToken(server, next.sign({ sub: 'ben' }, { kid: 'new' }));
    await server.stop();
    await assert.rejects(Server.start({ args: ['--api-key-file', lines] }));
  });

  it('reads its key set again at SIGHUP, and keeps the old one where that is bad', async () => {
    const [one, two] = [issuer('ES256'), issuer('EdDSA')];
    const set = (...keys) => write('set.json', JSON.stringify({ keys }));
    const server = await Server.start({ args: ['--jwks', set(one.jwk('one'))] });
    const first = one.sign({ sub: 'ann' }, { kid: 'one' });
    const second = two.sign({ sub: 'ben' }, { kid: 'two' });
    const ann = await withToken(server, first);
    assert.equal(await refusal(server, { token: second }), 'token_invalid');

    set(one.jwk('one'), two.jwk('two'));
    await hangup(server);
    await withToken(server, first);
    await withToken(server, second);

    write('set.json', '{"keys":');
    await hangup(server);
    assert.match(server.log, /the old keys stay: jwks/);
    await withToken(server, second);

    set(two.jwk('two'));
    await hangup(server);
    assert.equal(await refusal(server, { token: first }), 'token_invalid');
    const { status } = await request(server, 'GET', '/api/rooms', undefined, bearer(first));
    assert.equal(status, 401);
    await join(ann, freshName()); // who is in stays in
    await server.stop();
  });

  it('asks for an issuer and an audience where they are set', async () => {
    const server = await Server.start({
      args: ['--jwt-secret', secret, '--jwt-issuer', 'me', '--jwt-audience', 'chat'],
    });
    await withToken(server, token({ sub: 'ann', iss: 'me', aud: ['x', 'chat'] }));
    for (const claims of [{}, { iss: 'me' }, { aud: 'chat' }, { iss: 'you', aud: 'chat' }])
      assert.equal(await refusal(server, { token: token({ sub: 'ann', ...claims }) }), 'token_invalid');
    await server.stop();
  });
});

describe('An API key', () => {
  it('posts as any user, in token mode and in open mode, until it is taken back', async () => {
    const made = await run(binary('hubbub'), ['api-key', 'new', 'billing'], {
      env: environment(),
    });
    assert.equal(made.code, 0, made.stderr);
    const [key, line] = made.stdout.split('\n');
    assert.match(key, /^hbk_[0-9a-f]{64}$/);
    assert.match(line, /^billing [0-9a-f]{64}$/);
    for (const args of [[], ['--jwt-secret', secret]]) {
      const file = write('api-keys', `# ours\n${line}\n`);
      const server = await Server.start({ args: [...args, '--api-key-file', file] });
      const post = (names) =>
        request(server, 'POST', '/messages', { room: 'tea', content: 'x', ...names }, bearer(key));
      assert.equal((await post({ user_id: 'u-1', username: 'Ann' })).body.user_id, 'u-1');
      assert.equal((await post({})).body.username, 'billing');
      const wrong = await request(server, 'GET', '/api/rooms', undefined, bearer(`${key}0`));
      assert.equal(wrong.status, 401);
      write('api-keys', '');
      await hangup(server);
      assert.equal((await post({})).status, 401);
      await server.stop();
    }
  });
});

describe('What cannot be used', () => {
  it('is said in one sentence, before the server starts', async () => {
    const start = async (...args) => {
      const db = joinPath(folder, 'unused.db');
      const { code, stderr, stdout } = await run(
        binary('hubbub'),
        ['serve', '--port', '0', '--db', db, ...args],
        { env: environment() },
      );
      assert.notEqual(code, 0);
      assert.equal(stdout, '');
      assert.match(stderr, /^hubbub: .*\n$/);
      return stderr;
    };
    assert.match(await start('--jwt-secret', 'hunter2'), /jwt_secret: .* at least 32 bytes/);
    assert.match(await start('--jwks', '/nowhere/set.json'), /jwks '\/nowhere\/set.json': No such/);
    assert.match(await start('--jwt-public-key', '/nowhere/a.pem'), /jwt_public_key/);
    assert.match(await start('--api-key-file', '/nowhere/keys'), /api_key_file/);
    const file = write('secret', secret);
    const both = await start('--jwt-secret', secret, '--jwt-secret-file', file);
    assert.match(both, /either/);
    assert.ok(!both.includes(secret));
  });
});

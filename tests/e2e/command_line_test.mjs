// The command line, the environment and the configuration file.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Server, binary, environment, request, run, temporaryFolder } from './support.mjs';
import { ask, closeClients, connect, nextEvent, openSocket, refused } from './clients.mjs';
import { EngineWebSocket } from './raw.mjs';

const hubbub = (args, settings) =>
  run(binary('hubbub'), args, { env: environment(settings), cwd: temporaryFolder() });

/// Fails unless the server refuses to start with one sentence that says `what`.
async function assertRefused(args, what, settings) {
  const { code, signal, stdout, stderr } = await hubbub(args, settings);
  assert.ok(code > 0 && signal === null, `${args}: exit ${code} ${signal}`);
  assert.equal(stdout, '', `${args}`);
  assert.match(stderr, /^[^\n]+\n$/, `one line expected of ${args}: ${stderr}`);
  assert.match(stderr, what, `${args}`);
}

/// Writes a configuration file with `text`; returns its path.
function configuration(text) {
  const path = join(temporaryFolder(), 'hubbub.toml');
  writeFileSync(path, text);
  return path;
}

/// Returns what a running server says of its settings.
async function handshakeOf(options) {
  const server = await Server.start(options);
  const session = await EngineWebSocket.open(server);
  session.ws.terminate();
  await server.stop();
  const { pingInterval, pingTimeout, maxPayload } = session.handshake;
  return [pingInterval, pingTimeout, maxPayload];
}

const memory = ['serve', '--port', '0', '--db', ':memory:'];

describe('hubbub', () => {
  it('tells its version', async () => {
    const { code, stdout, stderr } = await hubbub(['--version']);
    assert.deepEqual([code, stderr], [0, '']);
    const [version] = /\d+\.\d+\.\d+\S*/.exec(stdout);
    const server = await Server.start();
    assert.equal((await server.get('/api/info')).body.version, version);
    await server.stop();
  });

  it('tells its commands, and serve its options', async () => {
    const { code, stdout, stderr } = await hubbub(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /serve/);
    const help = await hubbub(['serve', '--help']);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    for (const option of [
      'host',
      'port',
      'db',
      'io-threads',
      'ping-interval',
      'ping-timeout',
      'max-payload',
      'durability',
      'log-level',
      'config',
      'help',
    ]) {
      assert.match(help.stdout, new RegExp(`--${option}\\b`), option);
    }
  });

  it('prints one line when it is ready, which names localhost or the address it is bound to', async () => {
    for (const [args, host] of [
      [[], 'localhost'],
      [['--host', '*'], 'localhost'],
      [['--host', '0:0::0'], 'localhost'],
      [['--host', '127.0.0.1'], '127.0.0.1'],
    ]) {
      const server = await Server.start({ args });
      assert.equal((await server.get('/healthz')).status, 200);
      await server.stop();
      assert.equal(server.stdout, `listening on http://${host}:${server.port}\n`);
    }
  });

  it('bound to all addresses answers on IPv4 and IPv6 alike', async () => {
    const { stdout } = await run('cat', ['/proc/net/if_inet6']).catch(() => ({ stdout: '' }));
    const hosts = stdout === '' ? ['127.0.0.2'] : ['127.0.0.2', '[::1]'];
    for (const args of [[], ['--host', '*']]) {
      const server = await Server.start({ args });
      for (const host of hosts) {
        const url = `http://${host}:${server.port}`;
        assert.equal((await request({ url }, 'GET', '/healthz')).status, 200);
      }
      await server.stop();
    }
  });
});

describe('hubbub serve refuses with one sentence', () => {
  it('what it does not know', async () => {
    await assertRefused(['serve', '--no-such-option'], /no-such-option/);
    await assertRefused(['serve', '--port', '0', 'extra'], /extra/);
    await assertRefused(['no-such-command'], /no-such-command/);
  });

  it('bad values', async () => {
    for (const [option, ...values] of [
      ['--port', 'abc', '-1', '65536', '1.5', ''],
      ['--ping-interval', '0', '-5', 'soon', '25 parsecs'],
      ['--ping-timeout', '0', '-5', 'soon'],
      ['--max-payload', '0', '-1', 'big'],
      ['--io-threads', '0', '-1', 'many'],
      ['--durability', 'none', ''],
      ['--log-level', 'loud'],
      ['--host', 'no host at all', '999.1.1.1'],
    ]) {
      for (const value of values) {
        await assertRefused([...memory, `${option}=${value}`], new RegExp(option.slice(2), 'i'));
      }
    }
    await assertRefused(['serve', '--port'], /port/);
  });

  it('bad values in the environment, and names the variable', async () => {
    await assertRefused(memory, /HUBBUB_PING_INTERVAL|ping.interval/i, {
      HUBBUB_PING_INTERVAL: 'soon',
    });
    await assertRefused(memory, /HUBBUB_DURABILITY|durability/i, { HUBBUB_DURABILITY: 'none' });
  });

  it('a port in use', async () => {
    const server = await Server.start();
    await assertRefused(
      ['serve', '--db', ':memory:', '--port', String(server.port)],
      new RegExp(server.port),
    );
    await server.stop();
  });

  it('a database that it cannot write, read or understand', async () => {
    const folder = temporaryFolder();
    const noDatabase = join(folder, 'text.db');
    writeFileSync(noDatabase, 'This is no database at all. '.repeat(500));
    mkdirSync(join(folder, 'folder.db'));
    const paths = [
      join(folder, 'missing', 'x.db'),
      join(folder, 'folder.db'),
      noDatabase,
      '/proc/x.db',
    ];
    for (const path of paths) {
      await assertRefused(['serve', '--port', '0', '--db', path], /\.db/);
    }
    assert.deepEqual(readdirSync(folder).sort(), ['folder.db', 'text.db']);
  });

  it('a database from a newer version', async () => {
    const server = await Server.start();
    await server.stop();
    const script =
      'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA user_version = 9999")';
    await run('/usr/bin/python3', ['-c', script, server.database]);
    await assertRefused(['serve', '--port', '0', '--db', server.database], /newer/);
  });

  it('a configuration that is missing, no TOML, unknown or of the wrong type', async () => {
    await assertRefused(
      [...memory, '--config', join(temporaryFolder(), 'none.toml')],
      /none\.toml/,
    );
    for (const [text, what] of [
      ['port = = 3', /hubbub\.toml/],
      ['no_such_setting = 1', /no_such_setting/],
      ['ping_interval = []', /ping_interval/],
      ['ping_interval = "soon"', /ping_interval/],
      ['durability = 5', /durability/],
      ['port = 70000', /port/],
    ]) {
      await assertRefused(['serve', '--db', ':memory:', '--config', configuration(text)], what);
    }
  });
});

describe('A command that needs a few settings', () => {
  // A file that is complete only together with what the server's command line says.
  const half = (text) => configuration(`node_secret_file = "/nowhere/secret"\n${text}`);

  it('of a node to upgrade it finds it by its address and number, wherever they stand', async () => {
    const socketOf = async (args, settings) => {
      const { code, stderr } = await hubbub(['upgrade', ...args], settings);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /or give this command its --config, or its --db and --node-id/);
      return /no server answers at (\S+) /.exec(stderr)[1];
    };
    const db = ['--db', 'postgres://db/chat'];
    const one = await socketOf(db);
    const two = await socketOf([...db, '--node-id', '2']);
    assert.match(two, /^hubbub-[0-9a-f]{8}\.control$/);
    assert.notEqual(one, two);
    assert.equal(await socketOf(db, { HUBBUB_NODE_ID: '2' }), two);
    assert.equal(await socketOf(['--config', half('db = "postgres://db/chat"\nnode_id = 2\n')]), two);
    assert.equal(await socketOf([...db, '--node-id', '2', '--config', half('node_id = 3\n')]), two);
  });

  it('of tokens or the recorder makes do with them', async () => {
    const file = half(`db = "/nowhere/x.db"\njwt_secret = "${'s'.repeat(40)}"\n`);
    const made = await hubbub(['token', '--config', file, '--user', 'ana']);
    assert.match(made.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/, made.stderr);
    await assertRefused(['trace', '--config', file, '--user', 'ana'], /\/nowhere\/x\.db\.trace/);
    const both = ['token', '--config', file, '--user', 'ana', '--jwt-secret-file', file];
    await assertRefused(both, /either jwt_secret or jwt_secret_file can be set/);
  });
});

describe('A setting', () => {
  it('of the command line goes before the environment, and that before the file', async () => {
    const file = configuration(
      'ping_interval = 11000\nping_timeout = 12000\nmax_payload = 13000\n',
    );
    const env = { HUBBUB_PING_INTERVAL: '21000', HUBBUB_PING_TIMEOUT: '22000' };
    const args = ['--config', file, '--ping-interval', '31000'];
    assert.deepEqual(await handshakeOf({ args, env }), [31_000, 22_000, 13_000]);
    assert.deepEqual(await handshakeOf({ args: ['--config', file] }), [11_000, 12_000, 13_000]);
    assert.deepEqual(await handshakeOf({ env }), [21_000, 22_000, 1_000_000]);
  });

  it('that is a time may carry a unit, wherever it stands', async () => {
    const file = configuration('ping_timeout = "12s"\n');
    const env = { HUBBUB_PING_INTERVAL: '120s' };
    const args = ['--config', file];
    assert.deepEqual(await handshakeOf({ args, env }), [120_000, 12_000, 1_000_000]);
    const units = ['--ping-interval', '1500ms', '--ping-timeout', '1s'];
    assert.deepEqual(await handshakeOf({ args: units }), [1_500, 1_000, 1_000_000]);
  });

  it('names the configuration file in the environment too', async () => {
    const env = { HUBBUB_CONFIG: configuration('max_payload = 5000\n') };
    assert.deepEqual(await handshakeOf({ env }), [25_000, 20_000, 5_000]);
  });

  it('is taken as --name value and as --name=value', async () => {
    const args = ['--ping-interval=2000', '--max-payload', '70000'];
    assert.deepEqual(await handshakeOf({ args }), [2_000, 20_000, 70_000]);
  });

  it('of auto_create_rooms that is off leaves the making of rooms to HTTP', async () => {
    const server = await Server.start({ args: ['--auto-create-rooms', 'false'] });
    const alice = await connect(server, { username: 'alice' });
    await refused(alice, 'not_found', 'join_room', { room: 'lobby' });
    const message = { room: 'lobby', content: 'x' };
    assert.equal((await server.post('/messages/', message)).status, 404);
    await server.createRoom('lobby');
    await ask(alice, 'join_room', { room: 'lobby' });
    assert.equal((await server.post('/messages/', message)).status, 201);
    alice.close();
    await server.stop();
  });

  it('of limits is what the chat and /api/info go by', async () => {
    const args = ['--max-content', '5', '--max-room-name', '6', '--max-username', '4'];
    args.push('--max-rooms-per-socket', '2', '--max-client-id', '3');
    const server = await Server.start({ args });
    const alice = await connect(server, { username: 'fine' });
    for (const room of ['room 1', 'room 2']) await ask(alice, 'join_room', { room });
    await refused(alice, 'bad_request', 'join_room', { room: 'room 10' });
    await refused(alice, 'limit_exceeded', 'join_room', { room: 'room 3' });
    const send = (fields) => ['send_message', { room: 'room 1', content: '12345', ...fields }];
    await ask(alice, ...send({ client_id: '123' }));
    await refused(alice, 'bad_request', ...send({ client_id: '1234' }));
    await refused(alice, 'too_large', ...send({ content: '123456' }));
    const error = await nextEvent(openSocket(server, { username: 'lengthy' }), 'connect_error');
    assert.equal(error.message, 'bad_request');
    const { limits } = (await server.get('/api/info')).body;
    for (const value of [5, 6, 4, 2, 3]) assert.ok(Object.values(limits).includes(value));
    closeClients();
    await server.stop();
  });

  it('of durability, io-threads and log-level leaves a server that works', async () => {
    const args = ['--durability', 'normal', '--io-threads', '1', '--log-level', 'debug'];
    const server = await Server.start({ args });
    const { id } = await server.createRoom('settings');
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'x' })).status, 201);
    await server.stop();
  });

  it('of db that is :memory: leaves a server that works and keeps nothing', async () => {
    const server = await Server.start({ database: ':memory:' });
    const { id } = await server.createRoom('volatile');
    assert.equal((await server.post(`/api/messages/${id}`, { content: 'x' })).body.seq, 1);
    assert.equal((await server.history(id)).length, 1);
    await server.stop();
    await server.restart();
    assert.deepEqual((await server.get('/api/rooms')).body.rooms, []);
    await server.stop();
  });
});

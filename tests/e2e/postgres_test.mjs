// A server whose store is PostgreSQL: guarantees hold when it, its server or the connection between
// them breaks, and a database moves there and back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, binary, environment, freshName, run, temporaryFolder } from './support.mjs';
import { until, within } from './support.mjs';
import { ask, assertContiguous, closeClients, connect, connected, join } from './clients.mjs';
import { nextEvent, received, send, sendMany } from './clients.mjs';
import { DroppingProxy, Postgres, holding } from './postgres.mjs';

let postgres;
before(async () => (postgres = await Postgres.start(['fsync=off']))); // processes die here, machines do not
after(() => postgres.stop());
afterEach(closeClients);

const hubbub = (...args) => run(binary('hubbub'), args, { env: environment() });
let databases = 0;
const database = () => postgres.database(`chat${++databases}`);
const reconnecting = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 200 };

/// The number of a room.
const idOf = async (server, room) => (await server.get(`/api/rooms?q=${room}`)).body.rooms[0].id;

describe('A server on PostgreSQL', () => {
  it('keeps everything over a restart and over its own death', async () => {
    const server = await Server.start({ database: await database(), args: ['--open-edit'] });
    const room = freshName();
    const ana = await connect(server, { username: 'ana' });
    await join(ana, room);
    const [first] = await sendMany(ana, room, 300);
    await ask(ana, 'edit_message', { room, seq: first.seq, content: 'edited' });
    closeClients();
    await server.stop();
    await server.restart();
    const id = await idOf(server, room);
    const ben = await connect(server, { username: 'ben' });
    await join(ben, room);
    await sendMany(ben, room, 100);
    await server.kill();
    closeClients();
    await server.restart();
    const history = await server.history(id);
    assert.equal(history.length, 400);
    assertContiguous(history, 1);
    assert.equal(history[0].content, 'edited');
    const { code, stdout } = await hubbub('db', 'check', '--db', server.database);
    assert.equal(code, 0, stdout);
    await server.stop();
  });

  it('finds messages after its death, and after its search index was lost or damaged', async () => {
    const server = await Server.start({ database: await database(), args: ['--open-edit'] });
    const index = pathOf(server.folder, 'search.db');
    const room = freshName();
    const ana = await connect(server, { username: 'ana' });
    await join(ana, room);
    const found = async (q) => {
      const { status, body } = await server.get(`/api/search?q=${q}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.results.map(({ message }) => message.content);
    };
    await send(ana, room, 'green tea');
    const { seq } = await send(ana, room, 'green grass');
    assert.deepEqual(await found('tea'), ['green tea']);
    await ask(ana, 'delete_message', { room, seq });
    closeClients();
    await server.kill();
    const ruin = [
      () => {},
      () => rmSync(index),
      () => writeFileSync(index, readFileSync(index).fill(255, 4096)),
    ];
    for (const each of ruin) {
      each();
      await server.restart();
      assert.deepEqual(await found('green'), ['green tea']);
      assert.equal(await server.metric('hubbub_search_index_usable'), 1);
      assert.equal(await server.metric('hubbub_search_index_rebuilds_total'), each === ruin[0] ? 0 : 1);
      await server.stop();
    }
  });

  it('answers no searches if it is told not to', async () => {
    const server = await Server.start({ database: await database(), args: ['--search', 'false'] });
    const { status, body } = await server.get('/api/search?q=tea');
    assert.deepEqual([status, body.error.code], [500, 'storage_error']);
    assert.ok(!(await server.get('/api/info')).body.features.includes('search'));
    await server.stop();
  });

  it('refuses a second server with one sentence', async () => {
    const server = await Server.start({ database: await database() });
    const { code, stderr } = await hubbub('serve', '--port', '0', '--db', server.database);
    assert.equal(code, 1);
    assert.match(stderr, /another server uses the database/);
    await server.stop();
  });

  it('says what to do if it is to be copied while a server uses it', async () => {
    const server = await Server.start({ database: await database() });
    const { code, stderr } = await hubbub('db', 'copy', server.database, pathOf(server.folder, 'x.db'));
    assert.equal(code, 1);
    assert.match(stderr, /a server uses the database .*: stop all its servers until this command is done/);
    assert.doesNotMatch(stderr, /node_id/);
    await server.stop();
  });

  it('says that an address cannot be read, without what may be its password', async () => {
    for (const address of [
      'postgres://ann:hu%sh@h/chat',
      'postgres://ann:hush@[::1/chat',
      ...['postgres://ann:hu/sh@h/chat', 'postgres://ann:hu@sh@h/chat', 'postgres://ann:@hush:1@h/chat'],
    ]) {
      const { code, stderr } = await hubbub('serve', '--port', '0', '--db', address);
      assert.notEqual(code, 0);
      assert.match(stderr, /cannot read the address of the database \(.*it takes postgres:\/\/USER:PASSWORD@/);
      assert.doesNotMatch(stderr, /hu%?sh|"hu"|sh@h|make sure that PostgreSQL runs/);
    }
    const { stderr } = await hubbub('serve', '--port', '0', '--db', 'postgres://h:70000/chat');
    assert.match(stderr, /invalid port number: "70000"\): its address takes postgres:\/\/USER/);
  });

  it('has a search index that nobody else may read', async () => {
    const server = await Server.start({ database: await database() });
    await server.createRoom('tea');
    assert.equal((await server.get('/api/search?q=tea')).status, 200);
    const files = readdirSync(server.folder).filter((name) => /^search\.db(-wal|-shm)?$/.test(name));
    assert.deepEqual(files.sort(), ['search.db', 'search.db-shm', 'search.db-wal']);
    for (const name of files) assert.equal(statSync(pathOf(server.folder, name)).mode & 0o777, 0o600, name);
    await server.stop();
  });

  it('is not ready, and says so at once, while its writer waits for PostgreSQL', async () => {
    const server = await Server.start({ database: await database() });
    const room = freshName();
    const ana = await connect(server, { username: 'ana' });
    await join(ana, room);
    const [release, held] = await holding(server.database, 'LOCK TABLE hubbub.messages');
    const acked = ana.emitWithAck('send_message', { room, content: 'late' });
    // The writer may have been asked just before it begins to wait.
    const refused = await until(
      async () => ({ asked: Date.now(), ...(await server.get('/readyz')), took: Date.now() }),
      ({ status }) => status === 503,
      'a node that is not ready',
    );
    assert.ok(refused.took - refused.asked < 5_000, `${refused.took - refused.asked} ms`);
    assert.equal(refused.body.error.code, 'storage_error');
    assert.match(refused.body.error.message, /waits for the store/);
    release();
    await held;
    assert.equal((await acked).message.content, 'late');
    await until(() => server.get('/readyz'), ({ status }) => status === 200, 'a node that is ready');
    await server.stop();
  });

  it('keeps the password of an address to itself', async () => {
    const url = (await database()).replace('postgres:///', 'postgres://:hush@/');
    const server = await Server.start({ database: url });
    await server.stop();
    assert.match(server.log, /db = postgres:/);
    assert.doesNotMatch(server.log, /hush/);
    const { stderr } = await hubbub('serve', '--db', 'postgres://ann:hush@127.0.0.1:1/none');
    assert.match(stderr, /postgres:\/\/ann@127.0.0.1:1\/none/);
    assert.doesNotMatch(stderr, /hush/);
  });

  it('loses and doubles nothing when PostgreSQL crashes under load', async () => {
    const server = await Server.start({ database: await database() });
    const room = freshName();
    const ana = await connect(server, { username: 'ana' });
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    const acked = [];
    let sending = true;
    const lane = async (name) => {
      for (let n = 0; sending; ++n) {
        const payload = { room, content: `${name} ${n}`, client_id: `${name}-${n}` };
        for (;;) {
          const ack = await ana.timeout(30_000).emitWithAck('send_message', payload);
          if (ack.ok) {
            acked.push(ack.message.seq);
            break;
          }
          assert.match(ack.error.code, /storage_error|overloaded/);
        }
      }
    };
    const lanes = Array.from({ length: 16 }, (_, i) => lane(`lane${i}`));
    for (let crash = 0; crash < 3; ++crash) {
      const wanted = acked.length + 200;
      while (acked.length < wanted) await nextEvent(ben, 'new_message');
      await postgres.crash();
    }
    const wanted = acked.length + 200;
    while (acked.length < wanted) await nextEvent(ben, 'new_message');
    sending = false;
    await within(Promise.all(lanes), 'the last acks');
    const history = await server.history(await idOf(server, room));
    assertContiguous(history, 1);
    assert.equal(new Set(history.map((each) => each.client_id)).size, history.length);
    assert.equal(new Set(acked).size, acked.length);
    assert.deepEqual(acked.sort((a, b) => a - b), history.map((each) => each.seq));
    await nextEvent(ben, 'new_message', ({ seq }) => seq === history.length);
    assertContiguous(received(ben, 'new_message'), 1);
    await server.stop();
  });

  it('answers once for a COMMIT whose answer was lost', async () => {
    const url = await database();
    const proxy = await DroppingProxy.start(postgres);
    const [, name] = /\/\/\/(\w+)\?/.exec(url);
    const server = await Server.start({
      database: `postgres://hubbub@127.0.0.1:${proxy.port}/${name}?sslmode=disable`,
    });
    const room = freshName();
    const ana = await connect(server, { username: 'ana' });
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    for (let round = 1; round <= 10; ++round) {
      proxy.cut();
      const one = await send(ana, room, `one ${round}`, round % 2 ? {} : { client_id: `c${round}` });
      assert.equal(one.seq, round * 41 - 40);
      proxy.cut();
      const many = await sendMany(ana, room, 40, { window: 40 });
      assertContiguous(many.sort((a, b) => a.seq - b.seq), one.seq + 1);
    }
    assert.ok(proxy.cuts >= 20, `${proxy.cuts} answers were dropped`);
    const history = await server.history(await idOf(server, room));
    assert.equal(history.length, 410);
    assertContiguous(history, 1);
    await nextEvent(ben, 'new_message', ({ seq }) => seq === 410);
    assert.deepEqual(
      received(ben, 'new_message').map(({ id, seq }) => ({ id, seq })),
      history.map(({ id, seq }) => ({ id, seq })),
    );
    await server.stop();
    proxy.stop();
  });

  it('stores once what was committed, although it looks for that on a connection that breaks too', async () => {
    for (const node of [[], ['--node-id', '1']]) {
      const url = await database();
      const proxy = await DroppingProxy.start(postgres);
      const server = await Server.start({ database: proxy.address(url), args: ['--open-edit', ...node] });
      const room = freshName();
      const ana = await connect(server, { username: 'ana' });
      const other = await connect(server, { username: 'ana' });
      const ben = await connect(server, { username: 'ben' });
      for (const each of [ana, other, ben]) await join(each, room);
      await send(ana, room, 'first');
      proxy.cut('commit', 'appended_by', 'appended_by');
      assert.equal((await send(ana, room, 'alone')).seq, 2);
      assert.equal(proxy.cuts, 3);
      // A batch of several kinds reads the ids of its messages. Not every message meets an edit.
      let sent = 2;
      for (let round = 1; round === 1 || proxy.armed.length > 0; ++round) {
        assert.ok(round < 50, 'no message and edit were one batch');
        proxy.cut('commit', 'find_ids', 'find_ids');
        const [message] = await Promise.all([
          send(ana, room, `together ${round}`),
          ask(other, 'edit_message', { room, seq: 1, content: `edited ${round}` }),
        ]);
        assert.equal(message.seq, ++sent);
      }
      const history = await server.history(await idOf(server, room));
      assert.deepEqual(history.map(({ seq }) => seq), Array.from({ length: sent }, (_, i) => i + 1));
      assert.equal(new Set(history.map(({ content }) => content)).size, sent);
      await nextEvent(ben, 'new_message', ({ seq }) => seq === sent);
      assert.deepEqual(
        received(ben, 'new_message').map(({ id, seq }) => ({ id, seq })),
        history.map(({ id, seq }) => ({ id, seq })),
      );
      assert.deepEqual(received(ben, 'gap'), []);
      closeClients();
      await server.stop();
      proxy.stop();
    }
  });
});

describe('hubbub db copy', () => {
  it('moves a served database to PostgreSQL and back, with the sessions of its clients', async () => {
    const folder = temporaryFolder();
    const server = await Server.start({ database: pathOf(folder, 'one.db') });
    const room = freshName();
    const ana = await connect(server, { auth: { username: 'ana', recover: true }, ...reconnecting });
    const ben = await connect(server, { auth: { username: 'ben' }, ...reconnecting });
    await join(ana, room);
    await join(ben, room);
    await sendMany(ben, room, 100);
    const sid = ana.id;
    const databases = [await database(), pathOf(folder, 'two.db')];
    for (const path of databases) {
      ana.io.reconnection(false);
      const gone = once(ana, 'disconnect');
      await server.kill();
      await within(gone, 'disconnect');
      const { code, stdout, stderr } = await hubbub('db', 'copy', server.database, path);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /everything was copied/);
      assert.match(stderr, /messages: \d+ of \d+/);
      server.database = path;
      await server.restart();
      await connected(ben);
      await join(ben, room);
      await send(ben, room, 'missed');
      ana.io.reconnection(true);
      ana.connect();
      await connected(ana);
      assert.equal(ana.recovered, true);
      assert.equal(ana.id, sid);
      await send(ben, room, 'live');
    }
    const history = await server.history(await idOf(server, room));
    assertContiguous(history, 1);
    const seen = () =>
      received(ana, 'new_message').map((each) => (Array.isArray(each) ? each[0] : each).seq);
    const last = history.length;
    await nextEvent(ana, 'new_message', (each) => (Array.isArray(each) ? each[0] : each).seq === last);
    assert.deepEqual(seen(), history.map((each) => each.seq));
    await server.stop();
  });
});

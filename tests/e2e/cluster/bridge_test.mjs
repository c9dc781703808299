// The bridge: programs with Socket.IO's own packages publish on a Redis, and clients of two servers on
// one PostgreSQL get the events. Node's servers on the same Redis do not notice.
// Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAdapter } from '@socket.io/redis-adapter';
import { Emitter } from '@socket.io/redis-emitter';
import { createClient } from 'redis';
import { Server as NodeServer } from 'socket.io';
import { Server, assertSound, binary, environment, freshName, run, until } from '../support.mjs';
import { within } from '../support.mjs';
import { ask, closeClients, connect, connected, join, nextEvent, received } from '../clients.mjs';
import { Redis } from '../redis.mjs';

const asNode = (number, bridge) => [
  ...['--node-id', String(number), '--head-poll', '50ms', '--open-edit'],
  ...['--bridge', bridge, '--bridge-store', 'new_message,note'],
];

const listeners = (redis) => redis.ask('PUBSUB', 'NUMSUB', 'flask-socketio');
const allListen = (redis, count) =>
  until(() => listeners(redis), (answer) => answer.endsWith(`\n${count}`), `${count} listeners`);

async function client(redis) {
  const made = createClient({ url: redis.url, socket: { reconnectStrategy: false } });
  made.on('error', () => {});
  await made.connect();
  return made;
}

describe('The bridge', () => {
  let redis;
  let one;
  let two;
  let publisher;
  let emitter;
  before(async () => {
    redis = await Redis.start();
    one = await Server.start({ args: asNode(1, redis.url) });
    two = await Server.start({ args: asNode(2, redis.url), database: one.database });
    await allListen(redis, 2);
    publisher = await client(redis);
    emitter = new Emitter(publisher);
  });
  after(async () => {
    await publisher?.quit();
    await one?.stop();
    await two?.stop();
    if (one) await assertSound(one);
    await redis?.stop();
  });
  afterEach(closeClients);

  /// Ana on the first server and Ben on the second one are in a room, and Cyd in another.
  async function people(options = {}) {
    const room = freshName();
    const other = freshName();
    const ana = await connect(one, { username: freshName('ana'), ...options });
    const ben = await connect(two, { username: freshName('ben') });
    const cyd = await connect(two, { username: freshName('cyd') });
    const { id } = (await join(ana, room)).room;
    await join(ben, room);
    await join(cyd, other);
    return { room, id, other, ana, ben, cyd };
  }

  /// Waits until all of them have everything that was published before, since events arrive in the
  /// order in which they are published.
  async function fence(...sockets) {
    const name = freshName('fence');
    emitter.emit(name);
    await Promise.all(sockets.map((socket) => nextEvent(socket, name)));
  }

  it("passes an emitter's event on to the members of a room, on every server", async () => {
    const { room, ana, ben, cyd } = await people();
    emitter.to(room).emit('news', { text: 'hello', when: new Date(1767225600123) }, [1.5, null], 'ü€😀');
    const expected = [{ text: 'hello', when: '2026-01-01T00:00:00.123Z' }, [1.5, null], 'ü€😀'];
    assert.deepEqual(await nextEvent(ana, 'news'), expected);
    assert.deepEqual(await nextEvent(ben, 'news'), expected);
    await fence(ana, ben, cyd);
    assert.deepEqual(received(cyd, 'news'), []);
    assert.equal(received(ana, 'news').length, 1);
  });

  it('knows several rooms, rooms by their id, sockets, exceptions and everybody', async () => {
    const { room, id, other, ana, ben, cyd } = await people();
    await join(ana, other);
    emitter.to([room, other]).emit('both', 1);
    emitter.to(id).emit('by_id', 2);
    emitter.to(ben.id).emit('alone', 3);
    emitter.to(room).except(ben.id).emit('but_ben', 4);
    emitter.except(other).emit('but_other', 5);
    emitter.to(room).volatile.emit('light', 6);
    emitter.to('nobody is here').emit('nowhere', 7);
    await fence(ana, ben, cyd);
    const heard = (socket) => ['both', 'by_id', 'alone', 'but_ben', 'but_other', 'light', 'nowhere']
      .flatMap((name) => received(socket, name));
    assert.deepEqual(heard(ana), [1, 2, 4, 6]);
    assert.deepEqual(heard(ben), [1, 2, 3, 5, 6]);
    assert.deepEqual(heard(cyd), [1]);
  });

  it('finds a room whose name is as long as the id of a socket, by whichever channel', async () => {
    const room = freshName('r').padEnd(20, 'x');
    const ana = await connect(one, { username: 'ana' });
    await join(ana, room);
    assert.equal(room.length, 20);
    emitter.to(room).emit('twenty', 1);
    // Servers with the sharded adapter take such a name for a socket, and publish to all.
    const published = [];
    new Emitter({ publish: (_, message) => published.push(message) }).to(room).emit('twenty', 2);
    await publisher.publish('socket.io#/#', published[0]);
    await nextEvent(ana, 'twenty', (which) => which === 2);
    assert.deepEqual(received(ana, 'twenty'), [1, 2]);
  });

  it("ends an event for a session that can be recovered with the session's offset", async () => {
    const { room, ana, ben } = await people({ auth: { username: 'rec', recover: true } });
    emitter.to(room).emit('news', 'last');
    emitter.to(ana.id).emit('news', 'own');
    emitter.to(room).volatile.emit('news', 'light');
    for (const text of ['last', 'own', 'light']) {
      const args = await nextEvent(ana, 'news');
      assert.equal(args.length, 2);
      assert.equal(args[0], text);
      assert.equal(typeof args[1], 'string');
    }
    assert.equal(await nextEvent(ben, 'news'), 'last');
    // The client has its offset from there, and recovers its session with it.
    const { id } = ana;
    ana.io.engine.close();
    await nextEvent(ana, 'disconnect');
    ana.connect();
    await connected(ana);
    assert.equal(ana.recovered, true);
    assert.equal(ana.id, id);
    emitter.to(id).emit('again', 1);
    assert.equal((await nextEvent(ana, 'again'))[0], 1);
  });

  it("refuses the chat's own events and the libraries', counts them and tells once a minute", async () => {
    const { room, ana, ben } = await people();
    const refusals = async () =>
      Number(/refused_total\{reason="name"\} (\d+)/.exec((await one.get('/metrics')).text)[1]);
    const before = await refusals();
    for (const name of ['user_left', 'message_deleted', 'offset', 'kicked'])
      emitter.to(room).emit(name, { room, seq: 1 }, 'x');
    // Which the emitter refuses by itself.
    for (const event of ['connect', 'disconnect'])
      await publisher.publish('socketio', JSON.stringify({ method: 'emit', event, data: 'x', namespace: '/', room }));
    await fence(ana, ben);
    for (const socket of [ana, ben])
      for (const name of ['message_deleted', 'offset', 'kicked', 'disconnect'])
        assert.deepEqual(received(socket, name), []);
    assert.ok(ana.connected);
    assert.equal(await refusals(), before + 6);
    await one.logged(/an event of the bridge was refused/g);
    assert.equal(one.log.match(/an event of the bridge was refused/g).length, 1);
  });

  it('refuses bytes and other namespaces, and has nothing to do with requests to servers', async () => {
    const { room, other, ana, ben, cyd } = await people();
    const refused = async () => (await one.get('/metrics')).text.match(/^hubbub_bridge_refused_total.*/gm);
    const before = await refused();
    emitter.to(room).emit('bytes', Buffer.from([1, 2, 3]));
    emitter.of('/game').to(room).emit('elsewhere', 1);
    emitter.in(room).socketsJoin(other);
    emitter.in(room).socketsLeave(room);
    emitter.in(room).disconnectSockets(true);
    emitter.serverSideEmit('hello', 1);
    await publisher.publish('socket.io#/#', 'nothing that anybody writes');
    emitter.to(room).emit('still', 'here');
    emitter.to(other).emit('there', 1);
    assert.equal(await nextEvent(ana, 'still'), 'here');
    await fence(ana, ben, cyd);
    assert.deepEqual(received(ana, 'there').concat(received(ana, 'bytes'), received(ana, 'elsewhere')), []);
    const gained = (await refused())
      .map((line, i) => [/"(\w+)"/.exec(line)[1], line.split(' ')[1] - before[i].split(' ')[1]])
      .filter(([, count]) => count > 0);
    // Those for other namespaces have channels of their own, and do not come here at all.
    assert.deepEqual(gained, [['malformed', 1], ['binary', 1]]);
  });

  it('takes what python-socketio publishes, to a room, a list of rooms, a socket, everybody', async () => {
    const { room, other, ana, ben, cyd } = await people();
    const script = fileURLToPath(new URL('bridge_emit.py', import.meta.url));
    const worker = spawn('/usr/bin/python3', ['-B', script, redis.url], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment(),
    });
    const lines = createInterface({ input: worker.stdout });
    const publish = async (call) => {
      const done = once(lines, 'line');
      worker.stdin.write(`${JSON.stringify(call)}\n`);
      assert.deepEqual(await within(done, 'a published event'), ['published']);
    };
    await publish({ event: 'news', data: { text: 'ü', n: [1, 2.5, null, true] }, room });
    await publish({ event: 'two', tuple: ['a', [2]], room: [room, other] });
    await publish({ event: 'list', data: [1, 2], room: ben.id });
    await publish({ event: 'nothing', room, skip_sid: ben.id });
    await publish({ event: 'new_user', data: 'x', namespace: '/game' });
    await publish({ event: 'user_joined', data: 'x' });
    await publish({ event: 'bytes', bytes: true });
    await publish({ close: room });
    await publish({ event: 'all', data: 'x' });
    worker.stdin.end();
    await once(worker, 'exit');
    for (const each of [ana, ben, cyd]) assert.equal(await nextEvent(each, 'all'), 'x');
    assert.deepEqual(received(ana, 'news'), [{ text: 'ü', n: [1, 2.5, null, true] }]);
    for (const each of [ana, ben, cyd]) assert.deepEqual(received(each, 'two'), [['a', [2]]]);
    assert.deepEqual(received(ana, 'list'), []);
    assert.deepEqual(received(ben, 'list'), [[1, 2]]);
    assert.deepEqual(received(ana, 'nothing'), [undefined]);
    assert.deepEqual(received(ben, 'nothing'), []);
    assert.deepEqual(received(ana, 'new_user').concat(received(ana, 'bytes')), []);
    // As versions from 5.15.1 on publish it.
    const head = { method: 'emit', namespace: '/', room, skip_sid: null, callback: null, host_id: 'h' };
    await publisher.publish('socketio', JSON.stringify({ ...head, event: 'new', data: ['a', 1], binary: false }));
    await publisher.publish('flask-socketio', JSON.stringify({ ...head, event: 'new', data: ['b'], binary: false }));
    assert.deepEqual(await nextEvent(ana, 'new'), ['a', 1]);
    assert.deepEqual(await nextEvent(ana, 'new'), 'b');
  });

  it("leaves Node's servers on the same Redis alone, and takes what they broadcast", async () => {
    const { room, ana, ben } = await people();
    const clients = [];
    const beside = [];
    for (let i = 0; i < 2; ++i) {
      const [pub, sub] = [await client(redis), await client(redis)];
      clients.push(pub, sub);
      beside.push(new NodeServer({ adapter: createAdapter(pub, sub) }));
      beside[i].of('/');
    }
    await until(
      () => redis.ask('PUBSUB', 'NUMSUB', 'socket.io-request#/#'),
      (answer) => answer.endsWith('\n2'),
      'the two servers, and nobody else',
    );
    // Each asks all servers and waits for as many answers as Redis counts, five seconds at most.
    assert.deepEqual(await beside[0].fetchSockets(), []);
    assert.deepEqual([...(await beside[1].of('/').adapter.allRooms())], []);
    beside[0].to(room).emit('from_node', { a: 1 });
    assert.deepEqual(await nextEvent(ana, 'from_node'), { a: 1 });
    assert.deepEqual(await nextEvent(ben, 'from_node'), { a: 1 });
    for (const each of clients) await each.quit();
  });

  describe('with events that are stored', () => {
    const contents = async (id) => (await one.history(id)).map(({ content, user_id: user }) => [user, content]);

    /// Waits until one of the servers stores what has no client_id.
    const claimed = () =>
      until(() => redis.ask('--scan', '--pattern', 'hubbub:*:bridge'), (key) => key !== '', 'a claim');

    it('stores each once, before anybody sees it, and tells everybody', async () => {
      await claimed();
      const { room, id, ana, ben } = await people();
      emitter.to(room).emit('new_message', { content: 'one', user_id: 'bot', username: 'Bot' });
      emitter.to(room).emit('note', 'two');
      emitter.to(room).emit('new_message', { content: 'three', user_id: 'bot', client_id: 'c-3' });
      emitter.to(room).emit('new_message', { content: 'three', user_id: 'bot', client_id: 'c-3' });
      emitter.to(room).emit('note', 'two');
      const last = (message) => message.seq === 4;
      await Promise.all([nextEvent(ana, 'new_message', last), nextEvent(ben, 'new_message', last)]);
      await fence(ana, ben);
      const stored = [['bot', 'one'], ['bridge', 'two'], ['bot', 'three'], ['bridge', 'two']];
      assert.deepEqual((await contents(id)).sort(), stored.sort());
      for (const each of [ana, ben]) {
        assert.deepEqual(received(each, 'new_message').map(({ seq }) => seq), [1, 2, 3, 4]);
        assert.deepEqual(received(each, 'note'), []);
      }
      const metric = 'hubbub_bridge_stored_total';
      const counted = async () => (await one.metric(metric)) + (await two.metric(metric));
      await until(counted, (count) => count === 4, 'four stored events in the metrics');
    });

    it('refuses what is no message', async () => {
      const { room, id, ana } = await people();
      const failed = async () => {
        const { text } = await one.get('/metrics');
        return Number(/refused_total\{reason="not_stored"\} (\d+)/.exec(text)[1]);
      };
      const before = await failed();
      emitter.to(room).emit('note', '');
      emitter.to(room).emit('note', { content: 5 });
      emitter.to(room).emit('note', 'a', 'b');
      emitter.emit('note', 'to no room');
      await fence(ana);
      await until(failed, (count) => count === before + 4, 'four refusals');
      assert.deepEqual(await contents(id), []);
      assert.deepEqual(received(ana, 'note'), []);
    });

    it('goes on storing after the server that did has died', async () => {
      await claimed();
      const third = await Server.start({ args: asNode(3, redis.url), database: one.database });
      await allListen(redis, 3);
      // It takes the claim as soon as the others give it back.
      await one.stop();
      await two.stop();
      const dee = await connect(third, { username: 'dee' });
      const room = freshName();
      const { id } = (await join(dee, room)).room;
      const content = () => `try ${++tries}`;
      let tries = 0;
      await until(async () => {
        emitter.to(room).emit('note', content());
        emitter.emit('tick', tries);
        await nextEvent(dee, 'tick', (number) => number === tries);
        return (await third.history(id)).length;
      }, (count) => count > 0, 'a stored event');
      await third.stop();
      await one.restart();
      await two.restart();
      await allListen(redis, 2);
    });
  });

  it('connects again when its Redis was killed, and serves everything meanwhile', async () => {
    const { room, ana, ben } = await people();
    await publisher.disconnect();
    await redis.kill();
    await one.logged(/bridge is lost/g);
    assert.equal((await one.get('/readyz')).status, 200);
    await ask(ana, 'send_message', { room, content: 'as ever' });
    await nextEvent(ben, 'new_message', ({ content }) => content === 'as ever');
    assert.ok((await one.metric('hubbub_bridge_silent_seconds')) >= 0);
    await redis.launch();
    await allListen(redis, 2);
    publisher = await client(redis);
    emitter = new Emitter(publisher);
    emitter.to(room).emit('back', 1);
    assert.equal(await nextEvent(ana, 'back'), 1);
    assert.equal(await nextEvent(ben, 'back'), 1);
    await one.logged(/bridge works again/g);
  });

  it('survives a message that is far too long', async () => {
    const { room, ana, ben } = await people();
    emitter.to(room).emit('long', 'x'.repeat(3_000_000));
    emitter.to(room).emit('short', 1);
    assert.equal(await nextEvent(ana, 'short'), 1);
    await fence(ana, ben);
    assert.deepEqual(received(ana, 'long'), []);
  });
});

describe('The settings of the bridge', () => {
  const said = async (...args) => {
    const options = { env: environment() };
    const { code, stderr } = await run(binary('hubbub'), ['serve', '--db', ':memory:', ...args], options);
    assert.notEqual(code, 0);
    return stderr;
  };
  it('are refused at the start if they are wrong', async () => {
    assert.match(await said('--bridge', 'postgres'), /^hubbub: bridge is the address of a Redis such as redis:/);
    assert.match(await said('--bridge', 'http://h'), /^hubbub: bridge is the address of a Redis such as redis:/);
    assert.match(
      await said('--bridge', 'rediss://h'),
      /^hubbub: bridge cannot be rediss:.* nobody else can read, or put stunnel between\n$/,
    );
    assert.match(await said('--bridge-store', 'a,b'), /set bridge, too/);
    assert.match(await said('--bridge', 'redis://h', '--bridge-store', 'a,,b'), /names of events/);
    assert.match(await said('--bridge', 'redis://h', '--bridge-store', 'connect'), /names of events/);
  });
});

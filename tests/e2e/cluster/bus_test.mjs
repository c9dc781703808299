// A bus between two servers on one PostgreSQL: what one writes, the members on the other are told at
// once. The head poll is as slow as it may be, so that only the bus can have done it; whatever the
// bus does, nothing is lost, doubled or out of order. Run by tests/support/with_postgres.sh.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, assertSound, binary, environment, freshName, run, until } from '../support.mjs';
import { within } from '../support.mjs';
import { ask, assertContiguous, closeClients, connect, join, nextEvent } from '../clients.mjs';
import { received, send, sendMany, typeUntilHeard } from '../clients.mjs';
import { Postgres } from '../postgres.mjs';
import { Redis } from '../redis.mjs';

const asNode = (number, bus, headPoll = '1m') => [
  ...['--node-id', String(number), '--head-poll', headPoll, '--open-edit'],
  ...['--bus', bus],
];

/// Starts two servers with this bus on one database.
async function startTwo(bus, { headPoll, ...options } = {}) {
  const one = await Server.start({ args: asNode(1, bus, headPoll), ...options });
  const two = await Server.start({ args: asNode(2, bus, headPoll), ...options, database: one.database });
  return [one, two];
}

async function stopBoth(one, two) {
  await one.stop();
  await two.stop();
  await assertSound(one);
}

const readiness = async (server) => (await server.get('/readyz')).body;
const heard = (server) => until(() => readiness(server), ({ bus }) => bus === 'heard', 'a heard bus');
const silent = (server) => until(() => readiness(server), ({ bus }) => bus === 'silent', 'a silent bus');

/// Two people in one room, each on a server of its own; only the first of them writes.
async function writerAndWatcher(one, two) {
  const room = freshName();
  const ana = await connect(one, { username: freshName('ana') });
  const ben = await connect(two, { username: freshName('ben') });
  const { id } = (await join(ana, room)).room;
  await join(ben, room);
  return { room, id, ana, ben };
}

const log = (socket) =>
  ['new_message', 'message_edited', 'message_deleted']
    .flatMap((name) => received(socket, name).map((payload) => [name, payload]))
    .sort(([, one], [, other]) => one.rev - other.rev);

/// Waits until the watcher has a message with this seq, and checks that it has all before it.
async function hasAll(watcher, seq) {
  await nextEvent(watcher, 'new_message', (message) => message.seq === seq);
  assertContiguous(received(watcher, 'new_message'), 1);
  assert.deepEqual(received(watcher, 'gap'), []);
}

/// What a bus does, whichever it is.
function carries(start) {
  let one;
  let two;
  before(async () => {
    [one, two] = await start();
    await heard(one);
    await heard(two);
  });
  after(() => stopBoth(one, two));
  afterEach(closeClients);

  it('tells what the other wrote, changed and deleted at once, in its order', async () => {
    const { room, ana, ben } = await writerAndWatcher(one, two);
    const cyd = await connect(two, { username: freshName('cyd') });
    await join(cyd, room);
    await typeUntilHeard(ana, ben, room, { again: true }); // from here on the room there has its subscription
    for (let i = 0; i < 20; ++i) {
      const { seq } = await send(i % 2 ? ana : cyd, room, `m${i}`);
      await hasAll(ben, seq);
      await nextEvent(i % 2 ? cyd : ana, 'new_message', (message) => message.seq === seq);
    }
    await ask(ana, 'edit_message', { room, seq: 2, content: 'edited' });
    await nextEvent(ben, 'message_edited', ({ seq }) => seq === 2);
    await ask(ana, 'delete_message', { room, seq: 4 });
    await nextEvent(ben, 'message_deleted', ({ seq }) => seq === 4);
    assert.deepEqual(log(ben).map(([, { rev }]) => rev), Array.from({ length: 22 }, (_, i) => i + 1));
    assert.ok((await two.metric('hubbub_foreign_entries_total{source="bus"}')) >= 12);
    assert.ok((await two.metric('hubbub_bus_received_total')) >= 12);
    assert.ok((await one.metric('hubbub_bus_published_total')) >= 12);
    assert.equal(await two.metric('hubbub_bus_silent_seconds'), 0);
  });

  it('tells who types on the other, and how far a user has read there', async () => {
    const { room, ana, ben } = await writerAndWatcher(one, two);
    const anaThere = await connect(two, { username: ana.auth.username });
    await join(anaThere, room);
    const typing = await typeUntilHeard(ana, ben, room, { again: true });
    assert.deepEqual([typing.username, typing.is_typing], [ana.auth.username, true]);
    await ask(ana, 'typing', { room, is_typing: false });
    await nextEvent(ben, 'typing', ({ is_typing }) => !is_typing);
    await send(ben, room, 'm');
    await nextEvent(ana, 'new_message');
    await ask(ana, 'mark_read', { room, seq: 1 });
    assert.equal((await nextEvent(anaThere, 'read')).seq, 1);
    assert.deepEqual(received(anaThere, 'typing'), []);
    assert.deepEqual(received(ben, 'read'), []);
  });

  it('leads to the log where messages are too long for it, or too many', async () => {
    const { room, id, ana, ben } = await writerAndWatcher(one, two);
    await send(ana, room, '\u20ac'.repeat(4_000));
    await hasAll(ben, 1);
    await sendMany(ana, room, 300, { window: 300, text: (i) => `${i} ${'x'.repeat(200)}` });
    await hasAll(ben, 301);
    assert.deepEqual(received(ben, 'new_message'), await one.history(id));
    assert.ok((await two.metric('hubbub_foreign_entries_total{source="log"}')) > 0);
  });

  it('brings rooms of many writers on both sides to the same log', async () => {
    const rooms = Array.from({ length: 3 }, () => freshName());
    const watchers = await Promise.all([one, two].map((each) => connect(each, { username: freshName('w') })));
    for (const watcher of watchers) for (const room of rooms) await join(watcher, room);
    const writers = await Promise.all(
      [one, two, one, two].map((each) => connect(each, { username: freshName('writer') })),
    );
    for (const writer of writers) for (const room of rooms) await join(writer, room);
    await Promise.all(
      writers.flatMap((writer) => rooms.map((room) => sendMany(writer, room, 40, { window: 4 }))),
    );
    for (const watcher of watchers)
      for (const name of rooms)
        await nextEvent(watcher, 'new_message', ({ room, seq }) => room === name && seq === 160);
    for (const name of rooms) {
      const [here, there] = watchers.map((watcher) =>
        received(watcher, 'new_message').filter(({ room }) => room === name),
      );
      assertContiguous(here, 1);
      assert.deepEqual(here, there);
    }
  });
}

describe('A bus over Redis', () => {
  let redis;
  before(async () => {
    redis = await Redis.start();
  });
  after(() => redis.stop());
  carries(() => startTwo(redis.url));
});

describe('A bus over PostgreSQL', () => {
  carries(() => startTwo('postgres'));
});

describe('A bus over Redis that fails', () => {
  let redis;
  let one;
  let two;
  before(async () => {
    redis = await Redis.start();
    [one, two] = await startTwo(redis.url);
    await heard(one);
    await heard(two);
  });
  after(async () => {
    await stopBoth(one, two);
    await redis.stop();
  });
  afterEach(closeClients);

  it('loses nothing when Redis is killed and comes back', async () => {
    const { room, ana, ben } = await writerAndWatcher(one, two);
    await send(ana, room, 'before');
    await hasAll(ben, 1);
    await redis.kill();
    for (const server of [one, two]) {
      await server.logged(/bus_lost/g);
      assert.deepEqual(await readiness(server), { status: 'ready', bus: 'silent' });
    }
    await sendMany(ana, room, 20);
    assert.ok((await one.metric('hubbub_bus_dropped_total{reason="down"}')) > 0);
    assert.ok((await one.metric('hubbub_bus_silent_seconds')) > 0);
    await redis.launch();
    for (const server of [one, two]) await server.logged(/bus_heard/g);
    await hasAll(ben, 21);
    await send(ana, room, 'after');
    await hasAll(ben, 22);
  });

  it('loses nothing when Redis hangs, which is noticed by a beat that does not come', async () => {
    const { room, ana, ben } = await writerAndWatcher(one, two);
    const lines = two.log.length;
    redis.hang();
    await sendMany(ana, room, 5);
    await silent(two);
    await silent(one);
    redis.goOn();
    await two.logged(/bus_heard/g, { from: lines });
    await hasAll(ben, 5);
    await heard(one);
    await send(ana, room, 'after');
    await hasAll(ben, 6);
  });

  it('loses nothing when Redis cuts all who listen, again and again', async () => {
    const { room, ana, ben } = await writerAndWatcher(one, two);
    const connects = await two.metric('hubbub_bus_connects_total');
    let cuts = 0;
    let writing = true;
    const cutting = (async () => {
      while (writing || cuts < 5) {
        await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
        ++cuts;
      }
    })();
    await sendMany(ana, room, 300, { window: 3 });
    writing = false;
    await cutting;
    await hasAll(ben, 300);
    assert.ok((await two.metric('hubbub_bus_connects_total')) > connects);
    await heard(one);
    await heard(two);
  });

  it('believes nothing that no server sent, and nothing twice', async () => {
    const { room, id, ana, ben } = await writerAndWatcher(one, two);
    const spy = await Spy.on(redis.port);
    const channel = await until(
      async () => (await redis.ask('PUBSUB', 'CHANNELS', `hubbub:*:r:${id}`)).split('\n')[0],
      (name) => name !== '',
      'the channel of the room',
    );
    await spy.listen(channel);
    for (let i = 1; i <= 5; ++i) {
      await send(ana, room, `m${i}`);
      await spy.has(i);
      await hasAll(ben, i);
    }
    const rejected = await two.metric('hubbub_bus_rejected_total');
    const stale = await two.metric('hubbub_bus_stale_total');
    const [first, second] = spy.messages;
    const forged = [
      'nonsense',
      first.replace('m1', 'mX'),
      first.replace(/"from":\d+,"to":\d+/, '"from":5,"to":6'),
      `${'0'.repeat(16)}${first.slice(16).replace('"from":0,"to":1', '"from":5,"to":6')}`,
    ];
    for (const each of [...forged, second, first]) await redis.ask('PUBLISH', channel, each);
    // A message that belongs to another room says nothing here.
    const elsewhere = channel.replace(/\d+$/, String(id + 1_000_000));
    await redis.ask('PUBLISH', elsewhere, first);
    await until(() => two.metric('hubbub_bus_stale_total'), (n) => n >= stale + 2, 'stale messages');
    const rejections = () => two.metric('hubbub_bus_rejected_total');
    await until(rejections, (n) => n >= rejected + forged.length, 'rejected messages');
    await send(ana, room, 'm6');
    await hasAll(ben, 6);
    assert.deepEqual(received(ben, 'new_message').map(({ content }) => content), [
      'm1', 'm2', 'm3', 'm4', 'm5', 'm6',
    ]);
    assert.equal(await rejections(), rejected + forged.length);
    spy.end();
  });

  it('keeps two clusters apart that share a Redis', async () => {
    const [three, four] = await startTwo(redis.url);
    await heard(three);
    const here = await writerAndWatcher(one, two);
    const there = await writerAndWatcher(three, four);
    await send(here.ana, here.room, 'here');
    await send(there.ana, there.room, 'there');
    await hasAll(here.ben, 1);
    await hasAll(there.ben, 1);
    assert.equal(received(here.ben, 'new_message')[0].content, 'here');
    assert.equal(received(there.ben, 'new_message')[0].content, 'there');
    await stopBoth(three, four);
  });
});

describe('A bus over PostgreSQL that fails', () => {
  it('loses nothing when its connections are cut', async () => {
    const postgres = await Postgres.start();
    const database = await postgres.database('bus');
    // What the first one publishes while its own connection is cut, the other finds by looking.
    const [one, two] = await startTwo('postgres', { database, headPoll: '1s' });
    const { room, ana, ben } = await writerAndWatcher(one, two);
    for (let i = 1; i <= 3; ++i) {
      const lines = two.log.length;
      await heard(one);
      await heard(two);
      await postgres.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^(SELECT pg_notify|LISTEN|UNLISTEN)' AND pid <> pg_backend_pid()",
      );
      await send(ana, room, `m${i}`);
      await two.logged(/bus_lost/g, { from: lines });
      await two.logged(/bus_heard/g, { from: lines });
      await hasAll(ben, i);
    }
    closeClients();
    await stopBoth(one, two);
    await postgres.stop();
  });
});

describe('A bus that is named wrongly', () => {
  it('is refused at the start with a sentence', async () => {
    const start = (...args) =>
      run(binary('hubbub'), ['serve', '--port', '0', '--db', 'postgres:///x', ...args], {
        env: environment(),
      });
    const [tls, alone, nonsense] = await Promise.all([
      start('--node-id', '1', '--bus', 'rediss://:secret@10.0.0.1:6379'),
      start('--bus', 'redis://10.0.0.1'),
      start('--node-id', '1', '--bus', 'redis://user:secret@:99'),
    ]);
    assert.match(tls.stderr, /bus cannot be rediss:\/\/, .* has no TLS: name a redis:\/\//);
    assert.match(alone.stderr, /bus is for servers that share a PostgreSQL database/);
    assert.match(nonsense.stderr, /bus is postgres, or the address of a Redis such as redis:\/\//);
    for (const { code, stderr } of [tls, alone, nonsense]) {
      assert.notEqual(code, 0);
      assert.doesNotMatch(stderr, /secret/);
    }
  });

  it('serves without it where the password is wrong, and never shows one', async () => {
    const redis = await Redis.start('--requirepass', 'right secret');
    const wrong = `redis://:wrong%20secret@127.0.0.1:${redis.port}`;
    const right = `redis://default:right%20secret@127.0.0.1:${redis.port}/3`;
    const one = await Server.start({ args: asNode(1, wrong) });
    const two = await Server.start({ args: asNode(2, right), database: one.database });
    await one.logged(/bus_lost.*WRONGPASS/g);
    assert.deepEqual(await readiness(one), { status: 'ready', bus: 'silent' });
    await heard(two);
    const ana = await connect(one, { username: 'ana' });
    const room = freshName();
    await join(ana, room);
    assert.equal((await send(ana, room, 'stored all the same')).seq, 1);
    closeClients();
    for (const { log } of [one, two]) assert.doesNotMatch(log, /secret/);
    await stopBoth(one, two);
    await redis.stop();
  });
});

/// Listens to a channel of a Redis, beside the servers.
class Spy {
  static async on(port) {
    const spy = new Spy();
    spy.socket = net.connect(port, '127.0.0.1');
    spy.text = '';
    spy.waiting = new Set();
    spy.socket.setEncoding('utf8').on('data', (part) => {
      spy.text += part;
      for (const look of [...spy.waiting]) look();
    });
    await within(once(spy.socket, 'connect'), 'a connection to Redis');
    return spy;
  }

  async when(holds, what) {
    let look;
    const there = new Promise((resolve) => {
      look = () => holds() && resolve();
      this.waiting.add(look);
      look();
    });
    await within(there, what).finally(() => this.waiting.delete(look));
  }

  async listen(channel) {
    this.socket.write(`SUBSCRIBE ${channel}\r\n`);
    await this.when(() => this.text.includes('subscribe'), 'a subscription');
  }

  /// What has come; texts of ours have no line feeds.
  get messages() {
    return [...this.text.matchAll(/\$7\r\nmessage\r\n\$\d+\r\n[^\r]*\r\n\$\d+\r\n([^\r]*)\r\n/g)].map(
      ([, message]) => message,
    );
  }

  async has(count) {
    await this.when(() => this.messages.length >= count, `${count} messages of the bus`);
  }

  end() {
    this.socket.destroy();
  }
}

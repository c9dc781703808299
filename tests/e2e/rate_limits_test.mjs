// Clients that are too fast are told when to continue, and only much too fast ones are closed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as promised } from 'node:timers/promises';
import { ask, closeClients, connect, nextEvent, openSocket } from './clients.mjs';
import { EnginePolling } from './raw.mjs';
import { Server, request, within } from './support.mjs';

/// Tries until it works, and checks the times that the server names.
async function untilTaken(attempt) {
  for (;;) {
    const { ok, error } = await attempt();
    if (ok) return;
    assert.equal(error.code, 'rate_limited', JSON.stringify(error));
    assert.ok(error.retry_after_ms > 0, JSON.stringify(error));
    await promised(error.retry_after_ms);
  }
}

describe('rates', () => {
  let server;
  before(async () => {
    server = await Server.start({
      args: ['--rate-events-per-socket', '50:100', '--rate-events-per-address', '1000:2000'],
    });
  });
  after(async () => {
    closeClients();
    await server.stop();
  });

  test('a flood is refused with a time, and what comes after that time is taken', async () => {
    const ann = await connect(server, { username: 'ann' });
    const ben = await connect(server, { username: 'ben' });
    await ask(ben, 'join_room', 'calm');
    await ask(ann, 'join_room', 'busy');
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => ann.emitWithAck('send_message', { room: 'busy', content: 'x' })),
    );
    const refused = answers.filter(({ ok }) => !ok);
    assert.ok(refused.length > 0 && refused.length < 200, `${refused.length} refused`);
    for (const { error } of refused) assert.equal(error.code, 'rate_limited');
    const line = / info rate_limited: .* what="events" connection="\d+-\d+" user="ann" client="[^"]+"/g;
    await server.logged(line);
    assert.ok(server.log.match(line).length <= Math.min(12, refused.length)); // a sample
    await untilTaken(() => ann.emitWithAck('send_message', { room: 'busy', content: 'later' }));
    assert.equal((await ben.emitWithAck('send_message', { room: 'calm', content: 'hi' })).ok, true);
    const { status, text } = await server.get('/metrics');
    assert.equal(status, 200);
    assert.match(text, /hubbub_rate_limited_total\{what="events"\} \d+/);
  });

  test('without an ack the refusal is an event', async () => {
    const cid = await connect(server, { username: 'cid' });
    for (let i = 0; i < 150; ++i) cid.emit('get_members', 'calm');
    const error = await nextEvent(cid, 'error');
    assert.equal(error.code, 'rate_limited');
    assert.equal(error.event, 'get_members');
    assert.ok(error.retry_after_ms > 0);
  });

  test('ten times the rate ends the connection', async () => {
    const dan = await connect(server, { username: 'dan' });
    const gone = within(new Promise((resolve) => dan.once('disconnect', resolve)), 'the end');
    for (let i = 0; i < 3_000; ++i) dan.emit('get_members', 'calm');
    assert.equal(await gone, 'transport close');
    const eve = await connect(server, { username: 'eve' });
    await untilTaken(() => eve.emitWithAck('join_room', 'calm'));
  });
});

test('an address that asks too fast over HTTP gets 429 and a time', async () => {
  const server = await Server.start({
    args: ['--rate-events-per-address', '5:16', '--io-threads', '1'],
  });
  const answers = [];
  for (let i = 0; i < 60; ++i) answers.push(await server.get('/api/rooms'));
  const refused = answers.find(({ status }) => status === 429);
  assert.ok(refused, 'nobody was refused');
  assert.equal(refused.body.error.code, 'rate_limited');
  assert.ok(refused.body.error.retry_after_ms > 0);
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.equal((await server.get('/healthz')).status, 200); // monitors may ask
  await server.stop();
});

test('new rooms of an address have a rate, by whatever way they come; joining others goes on', async () => {
  const server = await Server.start({
    args: ['--rate-rooms-per-address', '1:8', '--io-threads', '1'],
  });
  const made = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      request(server, 'POST', '/api/rooms', JSON.stringify({ name: `room ${i}` })),
    ),
  );
  const room = made.find(({ status }) => status === 201);
  const refused = made.find(({ status }) => status === 429);
  assert.equal(refused.body.error.code, 'rate_limited');
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  const ann = await connect(server, { username: 'ann' });
  await ask(ann, 'join_room', room.body.name);
  await untilTaken(() => ann.emitWithAck('join_room', 'another'));
  closeClients();
  await server.stop();
});

test('a user who connects too fast is refused with a time; others come in, and so does the user after it', async () => {
  const server = await Server.start({
    args: ['--rate-connects-per-user', '1:8', '--io-threads', '1'],
  });
  /// Returns `{ ok }` or `{ ok, error }`, as in acks.
  const arrive = async (username) => {
    const socket = openSocket(server, { username });
    const outcome = new Promise((resolve) => {
      socket.once('connect', () => resolve({ ok: true }));
      socket.once('connect_error', ({ data }) => resolve({ ok: false, error: data }));
    });
    return within(outcome, 'connect or its refusal');
  };
  const arrivals = await Promise.all(Array.from({ length: 60 }, () => arrive('ann')));
  const refused = arrivals.filter(({ ok }) => !ok);
  assert.ok(refused.length > 0 && refused.length < 60, `${refused.length} refused`);
  for (const { error } of refused) {
    assert.equal(error.code, 'rate_limited');
    assert.match(error.message, /too many connections/);
  }
  assert.equal((await arrive('ben')).ok, true);
  await untilTaken(() => arrive('ann'));
  closeClients();
  await server.stop();
});

describe('joins and bytes are counted together', () => {
  const joins = (socket) => socket.emitWithAck('join_room', { room: 'busy', history: 0 });
  const says = (socket) =>
    socket.emitWithAck('send_message', { room: 'busy', content: 'x'.repeat(3_000) });
  const pairs = { user: ['ann', 'ann'], address: ['ann', 'ben'] };

  /// Makes one more join and sends one more message, by a user at an address of its own; returns
  /// the ack of the last.
  async function byAnother(server) {
    const other = await EnginePolling.connect(server, { username: 'cid' }, { from: '127.0.0.2' });
    const ack = async (id, ...event) => {
      await other.send(`42${id}${JSON.stringify(event)}`);
      for (;;) {
        const mine = (await other.poll()).find((packet) => packet.startsWith(`43${id}[`));
        if (mine) return JSON.parse(mine.slice(2 + `${id}`.length))[0];
      }
    };
    assert.equal((await ack(1, 'join_room', { room: 'busy', history: 0 })).ok, true);
    return ack(2, 'send_message', { room: 'busy', content: 'hi' });
  }

  for (const [whose, [first, second]] of Object.entries(pairs)) {
    for (const [what, limit, act] of [
      ['joins', '1:8', joins],
      ['bytes', '5000:80000', says],
    ]) {
      test(`the ${what} of all sockets of one ${whose}`, async () => {
        const args = [`--rate-${what}-per-${whose}`, limit, '--io-threads', '1'];
        const server = await Server.start({ args: [...args, '--host', '127.0.0.1'] });
        const sockets = [];
        for (const username of [first, second]) sockets.push(await connect(server, { username }));
        for (const socket of sockets) await untilTaken(() => joins(socket));
        // At once, so that no time passes in which a token could come.
        const flood = (socket) => Promise.all(Array.from({ length: 30 }, () => act(socket)));
        const answers = await Promise.all(sockets.map(flood));
        for (const [i, each] of answers.entries()) {
          const refused = each.filter(({ ok }) => !ok);
          assert.ok(refused.length > 0, `socket ${i} was never refused`);
          for (const { error } of refused) {
            assert.equal(error.code, 'rate_limited');
            assert.match(error.message, new RegExp(`too many ${what}`));
            assert.ok(error.retry_after_ms > 0);
          }
        }
        assert.equal((await byAnother(server)).ok, true);
        for (const socket of sockets) await untilTaken(() => act(socket));
        closeClients();
        await server.stop();
      });
    }
  }

  test('bodies over HTTP are among the bytes of an address', async () => {
    const server = await Server.start({
      args: ['--rate-bytes-per-address', '5000:80000', '--io-threads', '1'],
    });
    const { id } = await server.createRoom('busy');
    const post = () => server.post(`/api/messages/${id}`, { content: 'x'.repeat(3_000) });
    const answers = await Promise.all(Array.from({ length: 60 }, post));
    assert.ok(answers.some(({ status }) => status === 201));
    const refused = answers.find(({ status }) => status === 429);
    assert.ok(refused, 'nobody was refused');
    assert.match(refused.body.error.message, /too many bytes/);
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    await server.stop();
  });
});

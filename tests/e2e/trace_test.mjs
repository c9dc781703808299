// The flight recorder: losses are made, and `hubbub trace` is asked why somebody did not get it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, binary, environment, freshName, run, temporaryFolder, within } from './support.mjs';
import { ask, closeClients, connect, connected, emitAck, join, nextEvent, refused } from './clients.mjs';
import { openSocket } from './clients.mjs';
import { send, sendMany } from './clients.mjs';
import { EnginePolling, frame, openFrames } from './raw.mjs';
import { startWithTokens, tokenOf } from './proven.mjs';
import { hs256, inSeconds, secret, token } from './tokens.mjs';

afterEach(closeClients);

const fileOf = (server) =>
  server.folder ? pathOf(server.folder, 'search.db.trace') : `${server.database}.trace`;

/// Asks the flight recorder of a server, running or not: its steps.
async function told(server, ...args) {
  const asked = ['trace', '--file', fileOf(server), '--json', ...args];
  const { code, stdout, stderr } = await run(binary('hubbub'), asked, { env: environment() });
  assert.equal(code, 0, stderr);
  const lines = stdout.trim().split('\n');
  const [memory, ...steps] = lines.map((line) => JSON.parse(line));
  assert.equal(memory.kind, 'memory');
  return steps;
}

/// Asks until a step of this kind is among the steps; returns that step and all of them.
async function stepOf(server, kind, fits, ...args) {
  const asking = async () => {
    for (;;) {
      const steps = await told(server, ...args);
      const found = steps.find((step) => step.kind === kind && fits(step));
      if (found) return { found, steps };
    }
  };
  return within(asking(), () => `a step ${kind} of ${args}`);
}

const of = (user, room) => ['--user', user, ...(room ? ['--room', room] : []), '--since', '10m'];
const kinds = (steps) => steps.map((step) => step.kind);

describe('Why did Bob not get it', () => {
  let server;
  before(async () => {
    server = await Server.start({
      args: [
        '--max-queue-bytes=300000',
        '--max-volatile-bytes=100000',
        '--slow-reader-policy=news-*=resync',
        '--open-edit',
      ],
    });
  });
  after(() => server.stop());

  /// Opens a client that stops reading once it is in the room.
  async function deaf(name, room) {
    const tcp = await openFrames(server);
    tcp.write(frame(`40${JSON.stringify({ username: name })}`));
    await tcp.until((all) => all.includes('40{'));
    tcp.write(frame(`420["join_room",${JSON.stringify(room)}]`));
    await tcp.until((all) => all.includes('430['));
    tcp.socket.pause();
    return tcp;
  }
  const text = () => 'x'.repeat(4000);

  it('he got it: the message went to his connection', async () => {
    const room = freshName();
    const ann = await connect(server, { username: 'ann' });
    const bob = await connect(server, { username: 'bob' });
    await join(ann, room);
    await join(bob, room);
    const { seq } = await send(ann, room, 'hi');
    const steps = await told(server, ...of('bob', room));
    assert.deepEqual(kinds(steps), ['started', 'connected', 'joined', 'message']);
    const message = steps.at(-1);
    assert.deepEqual([message.user, message.room, message.seq], ['ann', room, seq]);
    assert.deepEqual([message.number, message.own_connections], [1, 1]);
    assert.equal(message.text, `a message of ann was stored as ${room}/1 and went to 1 connection, 1 of them bob's`);
  });

  it('he was not there yet, or had left', async () => {
    const room = freshName();
    const ann = await connect(server, { username: 'ann' });
    const bob = await connect(server, { username: 'leaver' });
    await join(ann, room);
    await send(ann, room, 'before');
    await join(bob, room);
    await ask(bob, 'leave_room', room);
    await send(ann, room, 'after');
    const steps = (await told(server, ...of('leaver', room))).slice(1);
    assert.deepEqual(kinds(steps), ['connected', 'message', 'joined', 'left', 'message']);
    assert.equal(steps[1].own_connections, undefined);
    assert.match(steps[1].text, /nothing is remembered of leaver in the room$/);
    assert.equal(steps[3].code, 'leave');
    assert.equal(steps[4].own_connections, 0);
    assert.match(steps[4].text, /; leaver was not in the room$/);
  });

  it('he did not read, and was closed', async () => {
    const room = freshName();
    const ann = await connect(server, { username: 'ann' });
    const tcp = await deaf('sloth', room);
    await join(ann, room);
    while ((await server.metric('hubbub_slow_readers_total')) === 0)
      await sendMany(ann, room, 50, { text });
    const { steps } = await stepOf(server, 'left', () => true, ...of('sloth', room));
    const overrun = steps.find((step) => step.kind === 'overrun');
    assert.deepEqual([overrun.user, overrun.code, overrun.room], ['sloth', 'queue', room]);
    assert.ok(overrun.number > 300_000);
    assert.equal(steps.find((step) => step.kind === 'ended').code, 'slow_reader');
    assert.equal(steps.find((step) => step.kind === 'left').code, 'slow_reader');
    await server.logged(
      new RegExp(`warning slow_reader: .* user="sloth" .* room="${room}" room_bytes=[1-9]\\d{5}`, 'g'),
    );
    tcp.destroy();
  });

  it('he did not read, and a gap took the place of messages', async () => {
    const room = freshName('news');
    const ann = await connect(server, { username: 'ann' });
    const tcp = await deaf('sleeper', room);
    await join(ann, room);
    while ((await server.metric('hubbub_gaps_total')) === 0) await sendMany(ann, room, 50, { text });
    const { found } = await stepOf(server, 'skipped', () => true, ...of('sleeper', room));
    assert.ok(found.number > 0);
    assert.match(found.text, /^sleeper did not read: gaps took the place of \d+ queued messages/);
    tcp.destroy();
  });

  it('his own message was refused, or had come before', async () => {
    const room = freshName();
    const bob = await connect(server, { username: 'stranger' });
    await refused(bob, 'not_found', 'send_message', { room: freshName(), content: 'x' });
    await join(bob, room);
    await send(bob, room, 'x', { client_id: 'once' });
    await send(bob, room, 'x', { client_id: 'once' });
    await ask(bob, 'leave_room', room);
    await refused(bob, 'not_a_member', 'send_message', { room, content: 'x' });
    const steps = await told(server, ...of('stranger', room));
    const refusals = steps.filter((step) => step.kind === 'refused');
    assert.deepEqual(
      refusals.map((step) => [step.request, step.code]),
      [
        ['send_message', 'not_found'],
        ['send_message', 'not_a_member'],
      ],
    );
    assert.equal(steps.find((step) => step.kind === 'repeated').seq, 1);
  });

  it('what he has was changed: by whom, and to how many that went', async () => {
    const room = freshName();
    const [ann, bob] = [await connect(server, { username: 'editor' }), await connect(server, { username: 'reader' })];
    await join(ann, room);
    await join(bob, room);
    const { seq } = await send(ann, room, 'a');
    await ask(ann, 'edit_message', { room, seq, content: 'b' });
    await ask(ann, 'delete_message', { room, seq });
    const changes = (await told(server, ...of('reader', room))).slice(-2);
    assert.deepEqual(
      changes.map((step) => [step.kind, step.user, step.seq, step.number, step.own_connections]),
      [
        ['edited', 'editor', seq, 1, 1],
        ['deleted', 'editor', seq, 1, 1],
      ],
    );
  });

  it('he was too fast', async () => {
    const quick = await Server.start({ args: ['--rate-events-per-socket', '1:2'] });
    const bob = await connect(quick, { username: 'hasty' });
    const acks = await Promise.all(
      Array.from({ length: 8 }, () => emitAck(bob, 'join_room', { room: 'r' })),
    );
    assert.ok(acks.some(({ ok }) => !ok));
    const { found, steps } = await stepOf(quick, 'refused', () => true, ...of('hasty'));
    assert.deepEqual([found.request, found.code], ['join_room', 'rate_limited']);
    const refusals = steps.filter(({ kind }) => kind === 'refused'); // equal ones are told together
    const number = refusals.reduce((sum, { times = 1 }) => sum + times, 0);
    assert.equal(number, acks.filter(({ ok }) => !ok).length);
    await quick.stop();
  });

  it('the server was stopping, and had closed his connection', async () => {
    const count = 20;
    const stopping = await Server.start({ args: ['--drain-time', '20s'] });
    const room = freshName();
    const sockets = [];
    for (let i = 0; i < count; ++i)
      sockets.push(await connect(stopping, { username: `drained-${i}`, reconnection: false }));
    for (const socket of sockets) await join(socket, room);
    const { id } = (await join(sockets[0], room)).room;
    const closed = sockets.map((socket, i) => once(socket, 'disconnect').then(() => i));
    stopping.child.kill('SIGTERM');
    const first = await within(Promise.race(closed), 'the first close');
    const asked = of(`drained-${first}`, room);
    const { found: end } = await stepOf(stopping, 'ended', () => true, ...asked);
    assert.equal(end.code, 'shutdown');
    assert.equal((await stopping.post(`/api/messages/${id}`, { content: 'too late' })).status, 201);
    const { found, steps } = await stepOf(stopping, 'message', () => true, ...asked);
    assert.equal(found.own_connections, 0);
    assert.ok(found.number < count, `it went to ${found.number}`);
    assert.ok(!kinds(steps).includes('left')); // the others are told nothing
    while (!stopping.log.includes('closing at once') && stopping.child.exitCode === null) {
      stopping.child.kill('SIGTERM');
      await stopping.get('/healthz').catch(() => {});
    }
    await within(stopping.exited, 'the exit');
  });

  it('he came back on another socket, and was given what he missed', async () => {
    const room = freshName();
    const ann = await connect(server, { username: 'ann' });
    await join(ann, room);
    const bob = await connect(server, {
      auth: { username: 'returner', recover: true },
      reconnection: true,
      reconnectionDelay: 5,
    });
    await join(bob, room);
    await send(ann, room, 'seen');
    await nextEvent(bob, 'new_message');
    bob.io.reconnection(false);
    const gone = once(bob, 'disconnect');
    bob.io.engine.transport.ws.terminate();
    await within(gone, 'disconnect');
    await stepOf(server, 'left', () => true, ...of('returner', room));
    await sendMany(ann, room, 3);
    bob.io.reconnection(true);
    bob.connect();
    await connected(bob);
    const { found, steps } = await stepOf(server, 'returned', () => true, ...of('returner', room));
    assert.equal(found.number, 3);
    assert.equal(steps.filter((step) => step.kind === 'connected').at(-1).code, 'recovered');
    assert.equal(steps.filter((step) => step.own_connections === 0).length, 3);
  });

  it('he asked for more than one answer holds, and was told of a gap', async () => {
    const room = freshName();
    const ann = await connect(server, { username: 'ann' });
    await join(ann, room);
    await sendMany(ann, room, 1_200, { window: 64 });
    const bob = await connect(server, { username: 'late' });
    const { gap } = await join(bob, room, { since: 1 });
    assert.equal(gap, true);
    const { found } = await stepOf(server, 'gap', () => true, ...of('late', room));
    assert.equal(found.seq, 2);
    assert.ok(found.number > 1_000 && found.number < 1_200, JSON.stringify(found));
  });
});

describe('Why did Bob not get it, where names are proven', () => {
  let server;
  before(async () => ({ server } = await startWithTokens()));
  after(() => server.stop());
  const enter = (user) => connect(server, { auth: { token: tokenOf(user) } });

  it('he was muted, kicked and banned, and by whom', async () => {
    const room = freshName();
    const olga = await enter('olga');
    const bob = await enter('bob');
    await join(olga, room);
    await join(bob, room);
    await ask(olga, 'mute_user', { room, user_id: 'bob' });
    await refused(bob, 'forbidden', 'send_message', { room, content: 'x' });
    await ask(olga, 'unmute_user', { room, user_id: 'bob' });
    await ask(olga, 'kick_user', { room, user_id: 'bob' });
    await send(olga, room, 'gone?');
    await join(bob, room);
    await ask(olga, 'ban_user', { room, user_id: 'bob' });
    await refused(bob, 'forbidden', 'join_room', { room });
    const steps = (await told(server, ...of('bob', room))).slice(1);
    assert.deepEqual(
      steps.map((step) => [step.kind, step.code ?? step.own_connections, step.by].filter((x) => x !== undefined)),
      [
        ['connected', 'fresh'],
        ['joined'],
        ['standing', 'mute', 'olga'],
        ['refused', 'forbidden'],
        ['lifted', 'mute', 'olga'],
        ['kicked', 'olga'],
        ['left', 'kicked'],
        ['message', 0],
        ['joined'],
        ['standing', 'ban', 'olga'],
        ['kicked', 'olga'],
        ['left', 'kicked'],
        ['refused', 'forbidden'],
      ],
    );
  });

  it('the room was closed, and by whom, which is no kick', async () => {
    const room = freshName();
    const olga = await enter('olga');
    const bob = await enter('bob');
    await join(olga, room);
    await join(bob, room);
    await ask(olga, 'set_room', { room, closed: true });
    await refused(bob, 'forbidden', 'join_room', { room });
    await ask(olga, 'set_room', { room, closed: false });
    const steps = (await told(server, '--room', room)).slice(1);
    const found = steps.map(({ kind, user, code, by }) => [kind, user, code, by].filter((x) => x));
    const gone = found.filter(([kind]) => kind === 'left');
    assert.deepEqual(gone.sort(), [
      ['left', 'bob', 'closed'],
      ['left', 'olga', 'closed'],
    ]);
    assert.deepEqual(
      found.filter(([kind]) => kind !== 'left' && kind !== 'started'),
      [
        ['joined', 'olga'],
        ['joined', 'bob'],
        ['configured', 'closed', 'olga'],
        ['refused', 'bob', 'forbidden'],
        ['configured', 'opened', 'olga'],
      ],
    );
    assert.equal(steps.find(({ code }) => code === 'closed').text, `olga closed ${room}`);
  });

  it('he was not let in, since his token had expired', async () => {
    const bob = openSocket(server, { auth: { token: tokenOf('latecomer', { exp: inSeconds(-600) }) } });
    const [refusal] = await within(once(bob, 'connect_error'), 'connect_error');
    assert.equal(refusal.data.code, 'token_expired');
    const { found } = await stepOf(server, 'kept_out', () => true, ...of('latecomer'));
    assert.deepEqual([found.code, found.user], ['token_expired', 'latecomer']);
    // Whoever made this token is not known.
    const eve = openSocket(server, { auth: { token: 'e.v.e' } });
    await within(once(eve, 'connect_error'), 'connect_error');
    await stepOf(server, 'kept_out', ({ code, user }) => code === 'token_invalid' && !user);
    // Who is refused before it could say who it is would fill the recorder.
    const lost = openSocket(server, { namespace: '/nowhere' });
    await within(once(lost, 'connect_error'), 'connect_error');
    assert.equal(await server.metric('hubbub_connects_refused_total{reason="unknown_namespace"}'), 1);
    const { steps } = await stepOf(server, 'kept_out', ({ code }) => code === 'token_invalid');
    assert.deepEqual(steps.filter(({ code }) => code === 'unknown_namespace'), []);
    assert.equal(await server.metric('hubbub_connects_refused_total{reason="token_expired"}'), 1);
    const line = /warning connect_refused: .* reason="token_expired" why="the token has expired" connection="\d+-\d+" user="latecomer"/g;
    await server.logged(line);
  });

  it('he was not let in, since the key of his token is unknown here', async () => {
    const forged = token(
      { sub: 'stranger' },
      { header: { kid: 'key\n2031' }, sign: hs256('another secret that is long enough for it') },
    );
    const bob = openSocket(server, { auth: { token: forged } });
    const [refusal] = await within(once(bob, 'connect_error'), 'connect_error');
    assert.equal(refusal.data.code, 'token_invalid');
    const { found } = await stepOf(server, 'kept_out', ({ kid }) => kid !== undefined);
    assert.deepEqual([found.code, found.kid, found.user], ['token_invalid', 'key?2031', undefined]);
    await server.logged(
      /warning connect_refused: .* reason="token_invalid" why="the token's signature is not one of ours" connection="\d+-\d+" client="[^"]+" kid="key\?2031"\n/g,
    );
    assert.ok(!server.log.includes('stranger') && !server.log.includes(forged.split('.')[1]));
  });

  it('his token expired', async () => {
    const strict = await Server.start({
      env: { HUBBUB_JWT_SECRET: secret, HUBBUB_JWT_LEEWAY: '0ms' },
    });
    const short = tokenOf('guest', { exp: inSeconds(4) });
    const bob = await connect(strict, { auth: { token: short } });
    await join(bob, 'general');
    await nextEvent(bob, 'token_expired');
    const { steps } = await stepOf(strict, 'left', () => true, ...of('guest', 'general'));
    assert.equal(steps.find((step) => step.kind === 'ended').code, 'token_expired');
    await strict.stop();
  });
});

describe('The flight recorder', () => {
  it('survives a kill, and goes on in the same file', async () => {
    const server = await Server.start();
    const room = freshName();
    const ann = await connect(server, { username: 'ann' });
    await join(ann, room);
    await send(ann, room, 'last words');
    await server.kill();
    closeClients();
    const dead = await told(server, '--room', room);
    assert.deepEqual(kinds(dead), ['started', 'joined', 'message']);
    await server.restart();
    await server.logged(/warning unclean_end: /g);
    const ben = await connect(server, { username: 'ben' });
    await join(ben, room);
    await send(ben, room, 'again');
    await server.stop();
    const both = await told(server, '--room', room);
    assert.deepEqual(kinds(both).filter((kind) => kind !== 'left'), [
      'started',
      'joined',
      'message',
      'started',
      'joined',
      'message',
      'stopped',
    ]);
    await server.restart();
    await server.stop();
    assert.equal(server.log.match(/unclean_end/g).length, 1); // the last run ended in order
  });

  it('reads like a story, is for its owner alone, and says since when it remembers', async () => {
    const server = await Server.start();
    const ann = await connect(server, { username: 'ann "the odd"' });
    await join(ann, 'general');
    await server.stop();
    const file = fileOf(server);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const tell = (...args) => run(binary('hubbub'), ['trace', ...args], { env: environment() });
    const { stdout } = await tell('--file', file, '--room', 'general');
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`;
    assert.match(
      stdout,
      new RegExp(
        `^everything since ${time} is remembered\n${time}  the server started\n` +
          `${time}  "ann .*odd.*" is in general from message 1 on \\(connection \\d+-\\d+\\)\n`,
      ),
    );
    const nobody = await tell('--file', file, '--user', 'nobody', '--since', '2999-01-01T00:00:00Z');
    assert.match(nobody.stdout, /\nnothing of this is remembered\n$/);
  });

  it('says in one sentence what is wrong', async () => {
    const folder = temporaryFolder();
    const tell = (...args) => run(binary('hubbub'), ['trace', ...args], { env: environment() });
    const fails = async (status, sentence, ...args) => {
      const { code, stderr } = await tell(...args);
      assert.equal(code, status);
      assert.match(stderr, sentence);
    };
    const none = pathOf(folder, 'none');
    await fails(1, /^hubbub: .*none cannot be read: No such file or directory\n$/, '--file', none);
    const other = pathOf(folder, 'other');
    writeFileSync(other, 'x'.repeat(5_000));
    await fails(1, /^hubbub: .*other is no file of the flight recorder\n$/, '--file', other);
    await fails(2, /^hubbub: --since takes /, '--file', other, '--since', 'soon');
    await fails(2, /has no flight recorder: see trace_file/, '--db', ':memory:');
  });

  it('a damaged or cut off file is read as far as it goes, and begun anew by a server', async () => {
    const server = await Server.start({ args: ['--trace-bytes', '65536', '--io-threads', '1'] });
    const ann = await connect(server, { username: 'ann' });
    await join(ann, 'general');
    await sendMany(ann, 'general', 20);
    await server.stop();
    closeClients();
    const file = fileOf(server);
    const bytes = readFileSync(file);
    for (let at = 4096 + 8192 + 70; at < bytes.length; at += 640) bytes[at] ^= 0xff;
    writeFileSync(file, bytes);
    const kept = await told(server, '--room', 'general');
    assert.ok(kept.length >= 15 && kept.length < 23, `${kept.length} steps`);
    truncateSync(file, 30_000);
    assert.deepEqual(await told(server), []);
    await server.restart();
    await server.stop();
    assert.deepEqual(kinds(await told(server)), ['started', 'stopped']);
  });

  it('a full disk is told of each message that it cost', async () => {
    const args = ['--trace-bytes', '65536', '--io-threads', '1'];
    const server = await Server.start({ args, ulimit: '-f 2000' });
    const ann = await connect(server, { username: 'ann' });
    await join(ann, 'general');
    const content = 'x'.repeat(4_000);
    let ack;
    do ack = await emitAck(ann, 'send_message', { room: 'general', content });
    while (ack.ok);
    const { found } = await stepOf(server, 'refused', () => true, ...of('ann', 'general'));
    assert.deepEqual([found.request, found.code], ['send_message', 'storage_full']);
    await server.stop();
  });

  it('is not made where it is not wanted', async () => {
    const server = await Server.start({ args: ['--trace-bytes', '0'] });
    const { status } = await server.get('/healthz');
    assert.equal(status, 200);
    assert.throws(() => statSync(fileOf(server)), { code: 'ENOENT' });
    await server.stop();
  });

  it('knows a message that came over HTTP, and one over long-polling', async () => {
    const server = await Server.start();
    const poller = await EnginePolling.connect(server, { username: 'poller' });
    await poller.send('420["join_room","general"]');
    await poller.pollUntil(1);
    const posted = await server.post('/messages/', { room: 'general', content: 'x', username: 'bot' });
    assert.equal(posted.status, 201);
    const steps = await told(server, ...of('poller', 'general'));
    assert.deepEqual(kinds(steps), ['started', 'connected', 'joined', 'message']);
    assert.deepEqual([steps[3].user, steps[3].connection], ['bot', undefined]);
    await server.stop();
  });
});

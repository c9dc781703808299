// Connection state recovery, as the official client implements it: the same session again, its
// rooms, and what it missed, in order, before anything new; also from a server that was killed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Server, freshName, ofOne, several, within } from './support.mjs';
import { ask, closeClients, connect, connected, fence, join, nextEvent } from './clients.mjs';
import { openSocket, received, refused, send, transportChoices } from './clients.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());
afterEach(closeClients);

const recoverable = { reconnection: true, reconnectionDelay: 5, reconnectionDelayMax: 50 };

/// A client whose sessions can be recovered.
const open = (username, options = {}) =>
  connect(server, { auth: { username, recover: true }, ...recoverable, ...options });

/// Takes the network away, without telling the server if the transport allows that, and lets the
/// client reconnect only when `absent` is over.
async function dropped(socket, absent = async () => {}) {
  const manager = socket.io;
  manager.reconnection(false);
  const gone = once(socket, 'disconnect');
  const { ws } = manager.engine.transport;
  if (ws) ws.terminate();
  else manager.engine.close();
  await within(gone, 'disconnect');
  await absent();
  manager.reconnection(true);
  socket.connect();
  await connected(socket);
}

/// Returns the payloads of `new_message`, without the offsets after them.
const messages = (socket) =>
  received(socket, 'new_message').map((each) => (Array.isArray(each) ? each[0] : each));
const contents = (socket) => messages(socket).map((message) => message.content);
const isMessage = (content) => (args) => (args[0] ?? args).content === content;

for (const { title, transports } of transportChoices) {
  describe(`A recoverable session over ${title}`, () => {
    it('comes back with its sid, its rooms and what it missed', async () => {
      const [room, other] = [freshName(), freshName()];
      const ana = await open('ana', { transports });
      const ben = await connect(server, { username: 'ben' });
      await join(ana, room);
      await join(ana, other);
      await join(ben, room);
      await join(ben, other);
      await send(ben, room, 'seen');
      await nextEvent(ana, 'new_message', isMessage('seen'));
      const sid = ana.id;
      await dropped(ana, async () => {
        await nextEvent(ben, 'user_left', (left) => left.user_id === 'ana' && left.room === room);
        await send(ben, room, 'missed 1');
        await send(ben, other, 'elsewhere');
        await send(ben, room, 'missed 2');
      });
      assert.equal(ana.recovered, true);
      assert.equal(ana.id, sid);
      await nextEvent(ben, 'user_joined', (joined) => joined.user_id === 'ana' && joined.room === room);
      await send(ben, room, 'new');
      await nextEvent(ana, 'new_message', isMessage('new'));
      await nextEvent(ana, 'new_message', isMessage('elsewhere'));
      const mine = messages(ana).filter((message) => message.room === room);
      assert.deepEqual(mine.map((message) => message.content), ['seen', 'missed 1', 'missed 2', 'new']);
      await send(ana, other, 'still a member');
    });
  });
}

describe('A recoverable session', () => {
  it('that heard nothing yet gets all since it joined', async () => {
    const room = freshName();
    const ben = await connect(server, { username: 'ben' });
    await join(ben, room);
    await send(ben, room, 'before');
    const ana = await open('ana');
    await join(ana, room, { history: 0 });
    await dropped(ana, () => send(ben, room, 'missed'));
    assert.equal(ana.recovered, true);
    await nextEvent(ana, 'new_message', isMessage('missed'));
    assert.deepEqual(contents(ana), ['missed']);
  });

  it('is not told again what it sent and had acked', async () => {
    const room = freshName();
    const ana = await open('ana');
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    await send(ana, room, 'mine');
    await dropped(ana, () => send(ben, room, 'missed'));
    await nextEvent(ana, 'new_message', isMessage('missed'));
    assert.deepEqual(contents(ana), ['missed']);
  });

  it('survives several absences, each message once', async () => {
    const room = freshName();
    const ana = await open('ana');
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    for (let round = 0; round < 5; ++round) {
      await dropped(ana, () => send(ben, room, `missed ${round}`));
      assert.equal(ana.recovered, true);
      await send(ben, room, `live ${round}`);
      await nextEvent(ana, 'new_message', isMessage(`live ${round}`));
    }
    const wanted = Array.from({ length: 5 }, (_, i) => [`missed ${i}`, `live ${i}`]).flat();
    assert.deepEqual(contents(ana), wanted);
  });

  it('is taken over from a connection that still looks alive', async () => {
    const room = freshName();
    const first = await open('ana', { reconnection: false });
    const ben = await connect(server, { username: 'ben' });
    await join(first, room);
    await join(ben, room);
    await send(ben, room, 'seen');
    await nextEvent(first, 'new_message', isMessage('seen'));
    const second = openSocket(server, { auth: { username: 'ana', recover: true }, autoConnect: false });
    // The client's data of its session, used from another network.
    second._pid = first._pid;
    second._lastOffset = first._lastOffset;
    second.connect();
    await connected(second);
    assert.equal(second.recovered, true);
    assert.equal(second.id, first.id ?? second.id);
    await nextEvent(first, 'disconnect');
    if (!several) { // else ana was on another server before she was gone from the first
      await nextEvent(ben, 'user_left', (left) => left.user_id === 'ana');
      await nextEvent(ben, 'user_joined', (joined) => joined.user_id === 'ana');
    }
    await send(ben, room, 'after');
    await nextEvent(second, 'new_message', isMessage('after'));
    assert.deepEqual(contents(second), ['after']);
    assert.deepEqual(contents(first), ['seen']);
  });

  const elsewhere = ofOne('another server may be asked for it before it has heard of the disconnect');
  it('is not given back after its own disconnect', elsewhere, async () => {
    const room = freshName();
    const ana = await open('ana');
    await join(ana, room);
    ana.disconnect();
    ana.connect();
    await connected(ana);
    assert.equal(ana.recovered, false);
    await refused(ana, 'not_a_member', 'send_message', { room, content: 'hello' });
  });

  it('does not come back to a room that it left', async () => {
    const [room, other] = [freshName(), freshName()];
    const ana = await open('ana');
    await join(ana, room);
    await join(ana, other);
    await ask(ana, 'leave_room', { room });
    await dropped(ana);
    assert.equal(ana.recovered, true);
    await send(ana, other, 'here');
    await refused(ana, 'not_a_member', 'send_message', { room, content: 'not there' });
  });

  it('is nobody else\'s', async () => {
    const room = freshName();
    const ana = await open('ana', { reconnection: false });
    await join(ana, room);
    const mallory = openSocket(server, { auth: { username: 'mallory', recover: true }, autoConnect: false });
    mallory._pid = ana._pid;
    mallory.connect();
    await connected(mallory);
    assert.equal(mallory.recovered, false);
    await refused(mallory, 'not_a_member', 'send_message', { room, content: 'hello' });
  });

  it('takes its name along if it was named by its first join', async () => {
    const room = freshName();
    const ana = await connect(server, { auth: { recover: true }, ...recoverable });
    await join(ana, room, { username: 'ana by join' });
    await dropped(ana);
    assert.equal(ana.recovered, true);
    const { user_id: userId } = await send(ana, room, 'still me');
    assert.equal(userId, 'ana by join');
  });

  it('may be asked for in the query', async () => {
    const ana = await connect(server, { username: 'ana', query: { recover: '1' }, ...recoverable });
    await join(ana, freshName());
    await dropped(ana);
    assert.equal(ana.recovered, true);
  });
});

describe('A session that was not asked to be recoverable', () => {
  it('hears events without another argument, and is a new one each time', async () => {
    const room = freshName();
    const ana = await connect(server, { username: 'ana', ...recoverable });
    const ben = await open('ben');
    await join(ana, room);
    await join(ben, room);
    await fence(ana, ben, room);
    assert.equal(typeof received(ana, 'new_message')[0], 'object');
    assert.ok(!Array.isArray(received(ana, 'new_message')[0]));
    await dropped(ana);
    assert.ok(!ana.recovered);
  });
});

describe('Where not all can be recovered', () => {
  it('the client gets a fresh session, and at its next join a gap that says what it missed', async () => {
    const brief = await Server.start({ args: ['--recovery-window', '1ms'] });
    const room = freshName();
    const ana = await connect(brief, { auth: { username: 'ana', recover: true }, ...recoverable });
    const ben = await connect(brief, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    await send(ben, room, 'seen');
    await nextEvent(ana, 'new_message', isMessage('seen'));
    const { room_id: roomId } = messages(ana)[0];
    let [last, seen] = [undefined, 1];
    // Only time ends the window, so a client that was recovered stays away longer the next time.
    for (let away = 20; ; away *= 2) {
      await dropped(ana, async () => {
        await nextEvent(ben, 'user_left');
        await send(ben, room, 'missed');
        last = await send(ben, room, `missed too, ${away}`);
        await pause(away);
      });
      if (!ana.recovered) break;
      assert.ok(away < 1_000, 'recovered long after the window');
      await nextEvent(ana, 'new_message', isMessage(`missed too, ${away}`));
      seen = last.seq;
    }
    // What another server has not heard of yet would follow live: by `since` it hears of it first.
    await join(ana, room, { history: 0, ...(several ? { since: last.seq } : {}) });
    const gap = await nextEvent(ana, 'gap');
    assert.deepEqual(gap, { room_id: roomId, room, from_seq: seen + 1, to_seq: last.seq });
    // Told once.
    await ask(ana, 'leave_room', { room });
    await join(ana, room);
    await send(ben, room, 'after');
    await nextEvent(ana, 'new_message', isMessage('after'));
    assert.equal(received(ana, 'gap').length, 1);
    closeClients();
    await brief.stop();
  });
});

const isMessageOf = (room, content) => (args) =>
  isMessage(content)(args) && (args[0] ?? args).room === room;

describe('A client that missed more than may wait for it', () => {
  it('gets what fits and a gap for the rest, and stays', async () => {
    const narrow = await Server.start({ args: ['--max-queue-bytes', '100000', '--max-volatile-bytes', '50000'] });
    const ana = await connect(narrow, {
      auth: { username: 'ana', recover: true },
      ...recoverable,
      transports: ['polling'],
    });
    const ben = await connect(narrow, { username: 'ben' });
    const rooms = Array.from({ length: 4 }, freshName);
    for (const room of rooms) {
      await join(ana, room);
      await join(ben, room);
      await send(ben, room, 'seen');
      await nextEvent(ana, 'new_message', isMessageOf(room, 'seen'));
    }
    const each = 40;
    await dropped(ana, async () => {
      await nextEvent(ben, 'user_left', (left) => left.user_id === 'ana');
      for (const room of rooms)
        for (let i = 0; i < each; ++i) await send(ben, room, 'x'.repeat(1000) + i);
    });
    assert.equal(ana.recovered, true);
    for (const room of rooms) await send(ben, room, 'the last');
    const told = () => {
      const seqs = new Map(rooms.map((room) => [room, []]));
      for (const { room, seq } of messages(ana)) seqs.get(room).push(seq);
      for (const gap of received(ana, 'gap').map((it) => (Array.isArray(it) ? it[0] : it)))
        for (let seq = gap.from_seq; seq <= gap.to_seq; ++seq) seqs.get(gap.room).push(seq);
      return [...seqs.values()];
    };
    const expected = Array.from({ length: each + 2 }, (_, i) => i + 1);
    for (const room of rooms)
      await nextEvent(ana, 'new_message', isMessageOf(room, 'the last'));
    for (const seqs of told()) assert.deepEqual(seqs.sort((a, b) => a - b), expected);
    assert.ok(received(ana, 'gap').length > 0);
    assert.equal(ana.recovered, true);
    assert.equal(await narrow.metric('hubbub_slow_readers_total'), 0);
    closeClients();
    await narrow.stop();
  });
});

describe('A server that is killed', () => {
  it('gives a session back when it runs again', async () => {
    const mortal = await Server.start();
    const [room, quiet] = [freshName(), freshName()];
    const ana = await connect(mortal, { auth: { username: 'ana', recover: true }, ...recoverable });
    const ben = await connect(mortal, { username: 'ben' });
    await join(ana, room);
    await join(ana, quiet);
    await join(ben, room);
    await send(ben, room, 'seen');
    await nextEvent(ana, 'new_message', isMessage('seen'));
    const sid = ana.id;
    ana.io.reconnection(false);
    await mortal.kill();
    await nextEvent(ana, 'disconnect');
    await mortal.restart();
    const { id } = (await mortal.get(`/api/rooms?q=${room}`)).body.rooms[0];
    await mortal.post(`/api/messages/${id}`, { content: 'missed', username: 'ben' });
    ana.io.reconnection(true);
    ana.connect();
    await connected(ana);
    assert.equal(ana.recovered, true);
    assert.equal(ana.id, sid);
    await nextEvent(ana, 'new_message', isMessage('missed'));
    assert.deepEqual(contents(ana), ['seen', 'missed']);
    await send(ana, quiet, 'a room without events is there too');
    closeClients();
    await mortal.stop();
  });
});

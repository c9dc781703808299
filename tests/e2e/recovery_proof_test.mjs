// A recoverable session has what it received, not what was sent to it: the network drops everything
// towards the client, others go on sending, the connection breaks, and all that was dropped comes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { Server, freshName, within } from './support.mjs';
import { ask, closeClients, connect, connected, join, nextEvent, received } from './clients.mjs';
import { send, sendMany, typeUntilHeard } from './clients.mjs';

let server;
before(async () => (server = await Server.start({ args: ['--room-linger', '0ms', '--open-edit'] })));
after(() => server?.stop());
afterEach(closeClients);

const recoverable = {
  transports: ['websocket'],
  reconnection: true,
  reconnectionDelay: 5,
  reconnectionDelayMax: 50,
};
const open = (on, username) => connect(on, { auth: { username, recover: true }, ...recoverable });

/// From here on the client receives nothing, though what it sends arrives. (A paused socket would
/// not do: `ws` reads what is left in it when the connection ends.)
const deafen = (socket) => (socket.io.engine.transport.ws.onmessage = () => {});

/// Breaks the connection, and lets the client reconnect when `absent` is over.
async function broken(socket, absent = async () => {}) {
  socket.io.reconnection(false);
  const gone = once(socket, 'disconnect');
  socket.io.engine.transport.ws.terminate();
  await within(gone, 'disconnect');
  await absent();
  socket.io.reconnection(true);
  socket.connect();
  await connected(socket);
}

const payloadOf = (args) => (Array.isArray(args) ? args[0] : args);
const contents = (socket, room) =>
  received(socket, 'new_message')
    .map(payloadOf)
    .filter((message) => room === undefined || message.room === room)
    .map((message) => message.content);
const says = (content) => (args) => payloadOf(args).content === content;

/// Emits without waiting for the answer, which will not be received.
const emitUnheard = (socket, ...args) => socket.emit(...args, () => {});

describe('A recoverable session that is broken and recovered again and again', () => {
  it('hears each message once, in rooms that sleep and one that does not', async () => {
    const rooms = Array.from({ length: 3 }, () => freshName());
    const ana = await open(server, 'ana');
    for (const room of rooms) await join(ana, room);
    const ben = await connect(server, { username: 'ben' });
    await join(ben, rooms[2]);
    const ids = [];
    for (const room of rooms) ids.push((await server.get(`/api/rooms?q=${room}`)).body.rooms[0].id);
    const sayInEach = async (content) => {
      for (const id of ids) await server.post(`/api/messages/${id}`, { content, username: 'web' });
    };
    const wanted = [];
    for (let round = 0; round < 4; ++round) {
      wanted.push(`live ${round}`, `missed ${round}`);
      await sayInEach(`live ${round}`);
      for (const room of rooms)
        await nextEvent(ana, 'new_message', (args) => payloadOf(args).room === room && says(`live ${round}`)(args));
      await broken(ana, () => sayInEach(`missed ${round}`));
      assert.equal(ana.recovered, true);
      for (const room of rooms)
        await nextEvent(ana, 'new_message', (args) => payloadOf(args).room === room && says(`missed ${round}`)(args));
    }
    for (const room of rooms) assert.deepEqual(contents(ana, room), wanted, room);
  });
});

describe('A recoverable session whose way down is dead', () => {
  it('loses nothing by joining again', async () => {
    const room = freshName();
    const ana = await open(server, 'ana');
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    deafen(ana);
    await send(ben, room, 'swallowed');
    emitUnheard(ana, 'join_room', { room });
    await typeUntilHeard(ana, ben, room); // the join has been stored
    await broken(ana, () => send(ben, room, 'missed'));
    assert.equal(ana.recovered, true);
    await nextEvent(ana, 'new_message', says('missed'));
    assert.deepEqual(contents(ana), ['swallowed', 'missed']);
    assert.equal(received(ana, 'gap').length, 0);
  });

  it('hears its own messages and changes as events', async () => {
    const room = freshName();
    const ana = await open(server, 'ana');
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    const { seq } = await send(ana, room, 'heard');
    deafen(ana);
    emitUnheard(ana, 'send_message', { room, content: 'unheard' });
    emitUnheard(ana, 'edit_message', { room, seq, content: 'changed unheard' });
    await nextEvent(ben, 'message_edited');
    await broken(ana);
    assert.equal(ana.recovered, true);
    await nextEvent(ana, 'message_edited');
    assert.deepEqual(contents(ana), ['unheard']);
    assert.deepEqual(received(ana, 'message_edited').map((args) => payloadOf(args).content), ['changed unheard']);
  });

  it('hears its own message also from a server that was killed', async () => {
    const mortal = await Server.start();
    const room = freshName();
    const ana = await open(mortal, 'ana');
    const ben = await connect(mortal, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    await send(ana, room, 'heard');
    deafen(ana);
    emitUnheard(ana, 'send_message', { room, content: 'unheard' });
    await nextEvent(ben, 'new_message', says('unheard'));
    await broken(ana, async () => {
      await mortal.kill();
      await mortal.restart();
    });
    assert.equal(ana.recovered, true);
    await nextEvent(ana, 'new_message', says('unheard'));
    assert.deepEqual(contents(ana), ['unheard']);
    closeClients();
    await mortal.stop();
  });

  it('hears of a gap that its join told of in vain', async () => {
    const room = freshName();
    const ben = await connect(server, { username: 'ben' });
    await join(ben, room);
    await sendMany(ben, room, 1_002);
    const ana = await open(server, 'ana');
    deafen(ana);
    emitUnheard(ana, 'join_room', { room, since: 1, history: 0 });
    await nextEvent(ben, 'user_joined');
    await broken(ana, () => send(ben, room, 'missed'));
    // It received nothing since its CONNECT, not even its offset, but has the session.
    assert.equal(ana.recovered, true);
    await nextEvent(ana, 'new_message', says('missed'));
    const [gap] = received(ana, 'gap');
    assert.deepEqual([gap.from_seq, gap.to_seq], [2, 1_002]);
    await broken(ana, () => send(ben, room, 'missed too'));
    await nextEvent(ana, 'new_message', says('missed too'));
    assert.equal(received(ana, 'gap').length, 1);
  });
});

describe('A recoverable session that sends more than is replayed and hears no event', () => {
  it('is given back', async () => {
    const room = freshName();
    const ana = await open(server, 'ana');
    await join(ana, room);
    await sendMany(ana, room, 1_100);
    await broken(ana);
    assert.equal(ana.recovered, true);
    const { message } = await ask(ana, 'send_message', { room, content: 'still in' });
    assert.equal(message.seq, 1_101);
    assert.deepEqual(contents(ana), []);
  });
});

describe('The events of a recoverable session', () => {
  it('end in a string only where that is its offset', async () => {
    const room = freshName();
    const ana = await open(server, 'ana');
    const heard = [];
    ana.onAny((name, ...args) => heard.push([name, ...args]));
    const ben = await connect(server, { username: 'ben' });
    await join(ana, room);
    await join(ben, room);
    await typeUntilHeard(ben, ana, room);
    const { seq } = await send(ben, room, 'hello');
    await nextEvent(ana, 'new_message');
    await ask(ben, 'edit_message', { room, seq, content: 'changed' });
    await nextEvent(ana, 'message_edited');
    await ask(ben, 'delete_message', { room, seq });
    await nextEvent(ana, 'message_deleted');
    await ask(ben, 'leave_room', { room });
    await nextEvent(ana, 'user_left');
    ana.emit('no_such_event', 'text');
    await nextEvent(ana, 'error');
    const logged = ['offset', 'new_message', 'message_edited', 'message_deleted'];
    for (const event of heard)
      assert.equal(typeof event.at(-1) === 'string', logged.includes(event[0]), JSON.stringify(event));
    for (const name of logged) assert.ok(heard.some((event) => event[0] === name), name);
  });
});

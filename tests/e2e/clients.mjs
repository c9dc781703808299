// Chat clients on the official socket.io-client. Every event a socket receives goes into its inbox
// in order of arrival, so that a test can ask for one that has come already.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { deadline, several, within } from './support.mjs';

/// What a client may choose, and the transport it ends on.
export const transportChoices = [
  { title: 'polling only', transports: ['polling'], ends: 'polling' },
  { title: 'WebSocket only', transports: ['websocket'], ends: 'websocket' },
  { title: 'the default upgrade', transports: ['polling', 'websocket'], ends: 'websocket' },
];

const inboxes = new WeakMap();
const open = new Set();

class Inbox {
  events = []; // {name, payload}, in order of arrival
  taken = new Set();
  waiting = new Set();

  push(name, payload) {
    this.events.push({ name, payload });
    for (const look of [...this.waiting]) look();
  }

  take(name, predicate) {
    const found = this.events.find(
      (event) => !this.taken.has(event) && event.name === name && predicate(event.payload),
    );
    if (found) this.taken.add(found);
    return found;
  }
}

/// Returns a socket that has its inbox but need not be connected yet. `username` goes into the
/// handshake.
export function openSocket(server, { username, auth, namespace = '', ...options } = {}) {
  const socket = io(`${server.url}${namespace}`, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    ...(server.ca ? { ca: server.ca } : {}),
    auth: auth ?? (username === undefined ? undefined : { username }),
    ...options,
  });
  const inbox = new Inbox();
  inboxes.set(socket, inbox);
  open.add(socket);
  socket.onAny((name, ...args) => inbox.push(name, args.length > 1 ? args : args[0]));
  socket.on('disconnect', (reason) => inbox.push('disconnect', reason));
  socket.on('connect_error', (error) => inbox.push('connect_error', error));
  return socket;
}

/// Returns a connected socket.
export async function connect(server, options) {
  const socket = openSocket(server, options);
  await connected(socket);
  return socket;
}

export function connected(socket) {
  if (socket.connected) return undefined;
  const settled = new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    if (!socket.io.reconnection()) socket.once('connect_error', reject);
  });
  return within(settled, 'connect');
}

/// Resolves once the socket's transport is `name`.
export function onTransport(socket, name) {
  const engine = socket.io.engine;
  const there = new Promise((resolve) => {
    if (engine.transport.name === name) resolve();
    engine.on('upgrade', (transport) => transport.name === name && resolve());
  });
  return within(there, `transport ${name}, now on ${engine.transport.name}`);
}

/// Emits with an ack: resolves to the ack's argument.
export function emitAck(socket, event, ...payload) {
  const acked = new Promise((resolve, reject) => {
    socket.timeout(deadline).emit(event, ...payload, (error, answer) => {
      if (error) reject(new Error(`no ack of ${event}`));
      else resolve(answer);
    });
  });
  return acked;
}

/// Emits with an ack that must say ok; resolves to the ack.
export async function ask(socket, event, ...payload) {
  const ack = await emitAck(socket, event, ...payload);
  assert.equal(ack?.ok, true, `${event} ${shown(payload)}: ${shown(ack)}`);
  return ack;
}

/// Emits with an ack that must fail with `code`; resolves to the error.
export async function refused(socket, code, event, ...payload) {
  const ack = await emitAck(socket, event, ...payload);
  assert.equal(ack?.ok, false, `${event} ${shown(payload)}: ${shown(ack)}`);
  assert.equal(ack.error.code, code, `${event} ${shown(payload)}: ${shown(ack)}`);
  assert.ok(typeof ack.error.message === 'string' && ack.error.message !== '');
  assert.deepEqual(Object.keys(ack).sort(), ['error', 'ok']);
  return ack.error;
}

const shown = (value) => String(JSON.stringify(value)).slice(0, 300);

export const join = (socket, room, options = {}) => ask(socket, 'join_room', { room, ...options });

export const send = async (socket, room, content, options = {}) =>
  (await ask(socket, 'send_message', { room, content, ...options })).message;

/// Returns the next event of that name, present or future, for which `predicate` holds. Each event
/// is returned once.
export function nextEvent(socket, name, predicate = () => true) {
  const inbox = inboxes.get(socket);
  let look;
  const event = new Promise((resolve) => {
    look = () => {
      const found = inbox.take(name, predicate);
      if (!found) return;
      inbox.waiting.delete(look);
      resolve(found.payload);
    };
    inbox.waiting.add(look);
    look();
  });
  const what = () =>
    `${name}; came: ${inbox.events.map((each) => each.name)} ${shown(inbox.events.at(-1))}`;
  return within(event, what).finally(() => inbox.waiting.delete(look));
}

/// Returns all events of that name so far, in order, returned before or not.
export const received = (socket, name) =>
  inboxes
    .get(socket)
    .events.filter((event) => event.name === name)
    .map((event) => event.payload);

/// Returns when `watcher` has everything that the room said before, since a message through the
/// room comes after all of it. For tests that something does not arrive.
export async function fence(watcher, sender, room) {
  const { id } = await send(sender, room, 'fence');
  if (watcher !== sender) await nextEvent(watcher, 'new_message', (message) => message.id === id);
}

/// Has somebody type until `watcher` hears it. On several servers (`again`) it is said again and again:
/// another server is told only once it listens to what is not in the room's log, which a join does
/// not wait for.
export async function typeUntilHeard(typist, watcher, room, { again = several } = {}) {
  const heard = nextEvent(watcher, 'typing', ({ is_typing }) => is_typing);
  const isUnheard = () => Promise.race([heard.then(() => false), pause(20, true)]);
  do typist.emit('typing', { room, is_typing: true });
  while (again && (await isUnheard()));
  return heard;
}

/// Sends `count` messages, at most `window` of them unacked at any time; resolves to the messages
/// in the order of sending.
export async function sendMany(socket, room, count, { window = 16, text = (i) => `m${i}` } = {}) {
  const sent = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const i = next++;
      sent[i] = await send(socket, room, text(i));
    }
  };
  await Promise.all(Array.from({ length: Math.min(window, count) }, lane));
  return sent;
}

/// Fails unless the `seq`s are first, first + 1, …
export function assertContiguous(messages, first) {
  messages.forEach((message, i) => {
    assert.equal(message.seq, first + i, `hole or repeat at ${i}: ${messages.map((m) => m.seq)}`);
  });
}

/// Ends every socket; for `afterEach`.
export function closeClients() {
  for (const socket of open) socket.close();
  open.clear();
}

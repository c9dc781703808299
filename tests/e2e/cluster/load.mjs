// Senders and listeners over several servers while something breaks, and what they must have seen
// of a room when it is over: everything acked is stored once, and heard once and in order.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { openSocket } from '../clients.mjs';
import { within } from '../support.mjs';

/// Longer than any fault of these tests, and than a server waits for its database.
const patience = 90_000;
const reconnecting = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 200 };

/// A client that stays in a room whatever happens, by recovery or by joining again.
class Member {
  constructor(server, room, name, options) {
    this.name = name;
    this.room = room;
    this.last = 0;
    this.heard = []; // seqs in order of arrival
    this.left = []; // the names that `user_left` told
    this.recoveries = 0;
    this.longestAbsence = 0; // in ms
    this.socket = openSocket(server, { auth: { username: name, recover: true }, ...reconnecting, ...options });
    this.socket.on('new_message', ({ seq }) => this.hear(seq));
    this.socket.on('gap', (gap) => this.heard.push(gap));
    this.socket.on('user_left', ({ username }) => this.left.push(username));
    this.socket.on('connect', () => this.arrive());
    this.socket.on('disconnect', () => (this.goneAt ??= Date.now()));
    this.inside = new Promise((resolve) => (this.whenInside = resolve));
  }

  hear(seq) {
    this.heard.push(seq);
    this.last = Math.max(this.last, seq);
    this.look?.();
  }

  /// Joins, unless the session is back with its room.
  arrive() {
    if (this.socket.recovered) ++this.recoveries;
    if (this.socket.recovered && this.isInRoom) return this.settle();
    this.isInRoom = false;
    this.join();
  }

  /// Asks to join until the answer is yes or the connection is lost, after which `arrive` goes on. The
  /// answer is handled when it comes: a promise would be later than the events that follow it.
  join() {
    const { socket } = this;
    const { id } = socket;
    const since = this.joined ? { since: this.last } : { history: 0 };
    socket.emit('join_room', { room: this.room, ...since }, (answer) => {
      if (!socket.connected || socket.id !== id || this.isInRoom) return;
      if (!answer.ok) return setTimeout(() => socket.connected && socket.id === id && this.join(), 50);
      if (!this.joined) this.last = answer.room.last_seq;
      this.joined = this.isInRoom = true;
      for (const { seq } of answer.messages) this.hear(seq);
      this.settle();
    });
  }

  settle() {
    if (this.goneAt) this.longestAbsence = Math.max(this.longestAbsence, Date.now() - this.goneAt);
    this.goneAt = undefined;
    this.whenInside();
  }

  /// Sends messages one after the other until `isOver()`, each until it is acked, always with its
  /// client_id.
  async sendUntil(isOver, acked, pace) {
    for (let i = 0; !isOver(); ++i) {
      const message = { room: this.room, content: `${this.name} ${i}`, client_id: `${this.name}-${i}` };
      const answer = await this.sendSurely(message);
      acked.push(answer.message);
      this.hear(answer.message.seq);
      await pause(pace);
    }
  }

  async sendSurely(message) {
    for (const end = Date.now() + patience; ; ) {
      const answer = await this.socket
        .timeout(3_000)
        .emitWithAck('send_message', message)
        .catch(() => undefined);
      if (answer?.ok) return answer;
      const busy = ['overloaded', 'storage_error', 'not_a_member'];
      if (answer) assert.ok(busy.includes(answer.error.code), JSON.stringify(answer));
      assert.ok(Date.now() < end, `${this.name} cannot send: ${JSON.stringify(answer)}`);
      await pause(50);
    }
  }

  /// Settles when it has heard this message.
  has(seq) {
    const there = new Promise((resolve) => {
      this.look = () => this.last >= seq && resolve();
      this.look();
    });
    return within(there, () => `${this.name} to hear ${seq}, heard ${this.last}`, patience);
  }
}

/// Lets `fault` happen while a sender and a listener at each of these servers go on, and some time
/// after it. `fault` is given the members and a function that settles when so many more messages were
/// acked. Each sender waits `pace` ms between two messages; `options(i)` are the sockets' own.
/// Returns `{acked, members}` when everybody has heard everything.
export async function underLoad(servers, room, fault, { pace = 5, options = () => ({}) } = {}) {
  const at = (what) =>
    servers.map((server, i) => new Member(server, room, `${what}-${i}-${room}`, options(i)));
  const [senders, listeners] = [at('sender'), at('listener')];
  const members = [...senders, ...listeners];
  await Promise.all(members.map((each) => within(each.inside, 'a join', patience)));
  const acked = [];
  let isOver = false;
  const sending = Promise.all(senders.map((each) => each.sendUntil(() => isOver, acked, pace)));
  const more = (count) => {
    const wanted = acked.length + count;
    const reached = async () => {
      while (acked.length < wanted) await Promise.race([pause(20), sending]);
    };
    return within(reached(), () => `ack ${wanted}, now ${acked.length}`, patience);
  };
  try {
    await more(20 * servers.length);
    await fault(members, more);
    await more(20 * servers.length);
  } finally {
    isOver = true;
  }
  await sending;
  const last = Math.max(...acked.map(({ seq }) => seq));
  await Promise.all(members.map((each) => each.has(last)));
  return { acked, members };
}

/// Checks them against what a server has stored. With `mayMiss` members may have been told of gaps: what
/// a session missed while its server stood still may be more than a recovery brings.
export async function assertSame({ acked, members }, server, room, { mayMiss = false } = {}) {
  const id = acked[0].room_id;
  const stored = [];
  for (let before; stored[0]?.seq !== 1; before = stored[0].seq) {
    const query = before ? `&before=${before}` : '';
    const { body } = await server.get(`/api/messages/${id}?limit=200${query}`);
    stored.unshift(...body.messages);
  }
  stored.forEach(({ seq }, i) => assert.equal(seq, i + 1));
  const byId = new Map(stored.map((message) => [message.id, message]));
  for (const message of acked) assert.deepEqual(byId.get(message.id), message);
  assert.equal(new Set(stored.map(({ content }) => content)).size, stored.length, 'doubled');
  assert.equal(stored.length, acked.length, `stored but never acked in ${room}`);
  for (const { name, heard: came } of members) {
    const heard = came.flatMap((each) => {
      if (typeof each === 'number') return each;
      assert.ok(mayMiss, `${name}: ${JSON.stringify(each)}`);
      return Array.from({ length: each.to_seq - each.from_seq + 1 }, (_, i) => each.from_seq + i);
    });
    // A join that follows a gap brings the newest messages of it.
    const listens = name.startsWith('listener') && came.every((each) => typeof each === 'number');
    heard.forEach((seq, i) => {
      // A sender's ack may come again as an event after a break, or behind what followed it.
      if (listens) assert.equal(seq, heard[0] + i, `${name}: ${heard.slice(Math.max(0, i - 3), i + 3)}`);
    });
    assert.deepEqual([...new Set(heard)].sort((a, b) => a - b), stored.slice(Math.min(...heard) - 1).map(({ seq }) => seq), name);
  }
}

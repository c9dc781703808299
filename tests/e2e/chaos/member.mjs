// A member of rooms as applications write it: it joins its rooms on every connect, repeats messages
// that must arrive, and logs everything that it sent and received. It does not know what the server
// owes it; `checker.mjs` does.

/// What each kind of member does, and which features of the client it uses.
export const kinds = {
  plain: { since: false, recover: false },
  since: { since: true, recover: false },
  recovered: { since: false, recover: true },
  'recovered, since': { since: true, recover: true },
  retries: { since: false, recover: true, retries: true },
  'retries, since': { since: true, recover: true, retries: true },
};

const changeMark = '+';

/// Returns what a message said before it was edited.
export const firstSaid = (content) => content.split(changeMark)[0];

export class Member {
  /// `open(on)` makes the client, which tells `on` what it receives.
  constructor({ name, user, kind, wanted, dice }) {
    Object.assign(this, { name, user, kind, dice, ...kinds[kind] });
    this.wanted = new Set(wanted); // rooms it is in or wants to be in
    this.leaving = new Set(); // rooms that it has left, or wants to have left
    this.here = new Map(); // room: the last message that it knows of
    this.own = []; // messages that it may change
    this.unsaid = new Map(); // client_id: payload, sent and not acked
    this.pending = new Map(); // number: request of this connection without an answer
    this.log = [];
    this.number = 0;
    this.said = 0;
    this.isThere = false;
  }

  open(makeClient) {
    this.client = makeClient({
      connect: (how) => this.onConnect(how),
      disconnect: () => this.onDisconnect(),
      event: (name, args) => this.onEvent(name, args),
    });
  }

  get connected() {
    return this.client.connected;
  }

  /// True if it is in all of its rooms and in no other, and all its requests were answered.
  get isSettled() {
    return this.connected && [this.pending, this.unsaid, this.leaving].every(({ size }) => size === 0);
  }

  note(what, fields) {
    this.log.push({ what, ...fields });
  }

  ask(event, payload, wantsAck = true, then = () => {}) {
    const number = ++this.number;
    const request = { number, event, payload, acked: wantsAck };
    this.note('request', request);
    if (!wantsAck && !this.retries) return this.client.emit(event, payload);
    if (this.connected || this.retries) this.pending.set(number, request);
    this.client.emit(event, payload, (answer) => {
      this.pending.delete(number);
      this.note('ack', { number, answer });
      then(answer);
    });
  }

  /// Leaves for good, and comes as somebody new.
  goodbye() {
    this.note('goodbye');
    this.client.goodbye();
  }

  onConnect({ recovered, pid }) {
    this.isThere = true;
    this.note('connect', { recovered, pid: pid ?? null });
    for (const room of this.leaving) this.leaveAgain(room);
    for (const room of this.wanted) this.join(room);
    if (!this.retries) for (const payload of this.unsaid.values()) this.sendOnce(payload);
  }

  /// Called also when an attempt to connect has failed.
  onDisconnect() {
    if (!this.isThere) return;
    this.isThere = false;
    this.note('disconnect');
    if (!this.retries) this.pending.clear();
  }

  onEvent(name, args) {
    const last = args.at(-1);
    const offset = this.recover && typeof last === 'string' ? last : null;
    const [payload] = args;
    this.note('event', { name, payload, offset });
    if (name === 'new_message') this.learn(payload);
    if (name === 'gap') this.advance(payload.room, payload.to_seq);
  }

  learn(message) {
    this.advance(message.room, message.seq);
    if (message.user_id === this.user) this.own.push(message);
  }

  advance(room, seq) {
    if (this.here.has(room)) this.here.set(room, Math.max(this.here.get(room), seq));
  }

  /// Joins, or joins again.
  join(room) {
    const known = this.here.get(room);
    const since = this.since && known !== undefined ? { since: known } : {};
    const history = this.dice.pick([0, 5, 50]);
    this.ask('join_room', { room, history, ...since }, true, (answer) => {
      if (!answer.ok) return;
      this.here.set(room, answer.room.last_seq);
      for (const message of answer.messages) if (message.user_id === this.user) this.own.push(message);
    });
  }

  leave(room) {
    this.wanted.delete(room);
    this.leaving.add(room);
    this.leaveAgain(room);
  }

  leaveAgain(room) {
    this.ask('leave_room', { room }, true, (answer) => {
      if (answer.ok) this.leaving.delete(room);
    });
  }

  enter(room) {
    if (this.leaving.has(room)) return; // not before it knows that it is out
    this.wanted.add(room);
    this.join(room);
  }

  /// Sends one message. With `safe` it is repeated until it is acked, and stored once.
  send(room, { acked, safe }) {
    const content = `${this.name}:${++this.said}`;
    if (safe) this.unsaid.set(content, { room, content, client_id: content });
    this.sendOnce(safe ? this.unsaid.get(content) : { room, content }, acked || safe);
  }

  sendOnce(payload, wantsAck = true) {
    this.ask('send_message', payload, wantsAck, (answer) => {
      if (answer.ok) {
        this.unsaid.delete(payload.client_id);
        this.own.push(answer.message);
        if (answer.message.seq === this.here.get(payload.room) + 1) this.advance(payload.room, answer.message.seq);
        return;
      }
      // It is not in the room any more: it repeats the message when it is, unless it wants to be
      // out.
      if (!this.wanted.has(payload.room)) this.unsaid.delete(payload.client_id);
      else if (this.unsaid.has(payload.client_id)) this.sendAgainIn(payload);
    });
  }

  sendAgainIn(payload) {
    setTimeout(() => {
      if (!this.wanted.has(payload.room)) this.unsaid.delete(payload.client_id);
      else if (this.connected) this.sendOnce(payload);
      else if (this.retries) this.sendAgainIn(payload);
    }, 20);
  }

  edit(wantsAck) {
    const message = this.recentOwn();
    if (!message) return;
    const content = `${firstSaid(message.content)}${changeMark}${this.name}${++this.said}`;
    this.ask('edit_message', { room: message.room, seq: message.seq, content }, wantsAck);
  }

  remove(wantsAck) {
    const message = this.recentOwn();
    if (message) this.ask('delete_message', { room: message.room, seq: message.seq }, wantsAck);
  }

  /// Returns one of its own latest messages, in a room that it is in.
  recentOwn() {
    const isThere = ({ room, deleted_at }) => this.wanted.has(room) && !deleted_at;
    const recent = this.own.filter(isThere).slice(-6);
    return recent.length ? this.dice.pick(recent) : undefined;
  }
}

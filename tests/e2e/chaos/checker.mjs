// Knows from what a member said and heard, and from the history, what it must have heard. It looks
// at logs alone. Two things that docs/api.md leaves are let pass, and counted:
// - a *seam*: what an ack told comes again as an event, where the connection was cut between the
//   ack and its `offset`;
// - a *repeat*: the ack of a message that was sent more than once (`retries`, or the same
//   `client_id` again) comes after the message itself was heard.
import { firstSaid } from './member.mjs';

/// Errors that say nothing about what somebody is owed.
const busy = new Set(['overloaded', 'storage_error', 'rate_limited']);

/// A member's view of a room.
class Seat {
  state = 'out'; // 'in'; 'unsure': a join or a leave was lost with its connection
  position = null; // everything up to this message was heard, or was before its time
  owed = 'no'; // 'yes': what a lost session missed has to be told; 'maybe': it may be told
  gapsTo = null; // a gap that ends here is no surprise
  lostJoins = []; // the `since` of joins whose ack was lost, null where there was none
  lostLeave = false;
  copies = new Map(); // seq: the message as it was last heard
  rev = null; // of the last change in order
  isLive = false; // nothing is being replayed any more
  users = null; // who is here, as far as it was told
}

export class Checker {
  constructor(member, { coalesced = false, windowIsShort = false } = {}) {
    Object.assign(this, { member, coalesced, windowIsShort });
    this.seats = new Map();
    this.requests = new Map();
    this.open = new Map(); // requests without an answer
    this.answered = new Set();
    this.sends = new Map(); // client_id: how often it was sent
    this.unproven = new Set(); // heard by ack, with no offset since
    this.seam = new Set(); // heard so before a cut
    this.acked = []; // {seq, room, message, content}
    this.late = new Map(); // room/seq: a hole in place of its own message whose ack is repeated
    this.violations = [];
    this.seams = 0;
    this.repeats = 0;
    this.connections = 0;
    this.recoveries = 0;
    this.pid = null;
    this.saidGoodbye = false;
    this.at = 0;
  }

  /// Continues to read where it stopped.
  read() {
    const { log } = this.member;
    for (; this.at < log.length; ++this.at) this[`on_${log[this.at].what}`](log[this.at]);
    return this;
  }

  violated(kind, room, text) {
    this.violations.push({ kind, member: this.member.name, room, text, at: this.at });
  }

  seat(room) {
    if (!this.seats.has(room)) this.seats.set(room, new Seat());
    return this.seats.get(room);
  }

  on_connect({ recovered, pid }) {
    ++this.connections;
    if (recovered) ++this.recoveries;
    const isOwed = (seat) => seat.state === 'in' && !seat.lostLeave;
    if (!recovered && this.pid && !this.saidGoodbye && !this.windowIsShort) {
      const lost = [...this.seats].filter(([, seat]) => isOwed(seat)).map(([room]) => room);
      if (lost.length) this.violated('lost session', lost[0], `in ${lost} and not recovered`);
    }
    for (const seat of this.seats.values()) {
      seat.users = null;
      seat.isLive = false;
      seat.rev = null;
      if (recovered) {
        const stays = seat.state === 'in' && !seat.lostLeave;
        if (!stays && (seat.lostLeave || seat.lostJoins.length)) seat.state = 'unsure';
      } else this.forget(seat);
    }
    if (recovered) for (const key of this.unproven) this.seam.add(key);
    else {
      this.unproven.clear();
      this.seam.clear();
    }
    this.pid = pid;
    this.saidGoodbye = false;
  }

  /// Forgets a room, since the session is over.
  forget(seat) {
    const wasIn = seat.state === 'in' && !seat.lostLeave;
    const mayHaveBeen = seat.state !== 'out' || seat.lostJoins.length > 0;
    if (!this.pid) seat.owed = 'no';
    else if (wasIn && !this.saidGoodbye) seat.owed = 'yes';
    else if (mayHaveBeen && seat.owed !== 'yes') seat.owed = 'maybe';
    if (this.saidGoodbye && seat.owed === 'yes') seat.owed = 'maybe';
    seat.state = 'out';
    seat.lostJoins = [];
    seat.lostLeave = false;
    seat.copies.clear();
  }

  on_disconnect() {
    for (const { event, payload } of this.open.values()) {
      const seat = this.seat(payload.room);
      if (event === 'join_room') seat.lostJoins.push(payload.since ?? null);
      if (event === 'leave_room') seat.lostLeave = true;
    }
    // Those that the library had not sent yet are answered later all the same.
    if (!this.member.retries) this.open.clear();
  }

  on_goodbye() {
    this.saidGoodbye = true;
  }

  on_request(request) {
    this.requests.set(request.number, request);
    const { client_id } = request.payload;
    if (client_id) this.sends.set(client_id, (this.sends.get(client_id) ?? 0) + 1);
    if (request.acked) this.open.set(request.number, request);
  }

  on_ack({ number, answer }) {
    const request = this.requests.get(number);
    this.open.delete(number);
    if (this.answered.has(number))
      return this.violated('answered twice', request.payload.room, request.event);
    this.answered.add(number);
    const seat = this.seat(request.payload.room);
    if (!answer.ok) return this.on_refused(seat, request, answer.error);
    switch (request.event) {
      case 'join_room':
        return this.on_joined(seat, request, answer);
      case 'leave_room':
        return this.seats.set(request.payload.room, this.leftSeat(seat));
      case 'send_message':
        return this.on_sent(seat, request, answer.message);
      case 'edit_message':
      case 'delete_message':
        return this.on_change_acked(seat, answer.message);
    }
  }

  /// Keeps the position in a room that it left, for a join with `since`; its offset may name the
  /// room still.
  leftSeat({ position }) {
    return Object.assign(new Seat(), { position, owed: this.pid ? 'maybe' : 'no' });
  }

  on_refused(seat, { event, payload }, { code }) {
    if (busy.has(code)) return;
    const changes = event === 'edit_message' || event === 'delete_message';
    if (code === 'not_found' && changes) return; // deleted
    if (code === 'not_a_member' && (seat.state !== 'in' || seat.lostLeave)) return;
    this.violated('refused', payload.room, `${event}: ${code}`);
  }

  on_joined(seat, { payload }, { room, members, messages, gap }) {
    const last = room.last_seq;
    const { since } = payload;
    const granted = since !== undefined && !gap;
    const name = payload.room;
    messages.forEach((message, i) => {
      if (message.seq !== last - messages.length + 1 + i)
        this.violated('hole', name, `a page ${messages.map(({ seq }) => seq)} of a room at ${last}`);
    });
    if (granted && messages.length !== last - since)
      this.violated('hole', name, `joined since ${since} with ${messages.length} messages up to ${last}`);
    const wasIn = seat.state === 'in';
    if (wasIn) {
      const misses = seat.position < last && !this.areLate(name, seat.position + 1, last);
      if (seat.position > last || misses)
        this.violated('hole', name, `a second join at ${last}, ${upTo(seat)}`);
    } else if (seat.state === 'unsure' && seat.position === last) {
      // It was in the room, or nothing was said.
    } else this.beginAt(seat, name, last, granted ? since : null, messages);
    seat.state = 'in';
    seat.lostJoins = [];
    seat.lostLeave = false;
    seat.isLive = true;
    if (!wasIn) {
      seat.copies.clear();
      seat.rev = null;
    }
    for (const message of messages) this.keep(seat, message);
    seat.users = new Set(members.map(({ user_id }) => user_id));
  }

  /// Begins a membership, as far as the member knows.
  beginAt(seat, name, last, since, messages) {
    if (since !== null) {
      if (seat.owed !== 'no' && since > seat.position)
        this.violated('hole', name, `asked since ${since}, ${upTo(seat)}`);
      for (const { seq } of messages) this.unproven.add(`${name}/${seq}`);
      seat.position = last;
    } else if (seat.owed !== 'yes') seat.position = last;
    // Otherwise only a gap moves it.
    if (seat.owed !== 'no') seat.gapsTo = last;
    seat.owed = 'no';
  }

  on_sent(seat, { payload }, message) {
    const { seq } = message;
    const { room, client_id } = payload;
    this.acked.push({ room, seq, message, content: payload.content });
    const isRepeat = client_id && (this.member.retries || this.sends.get(client_id) > 1);
    const key = `${room}/${seq}`;
    if (seat.state === 'out') return; // the answer to a repeat, before it has joined
    if (seat.position !== null && seq <= seat.position) {
      if (this.late.delete(key)) return this.hear(seat, message, true);
      if (isRepeat) return ++this.repeats;
      return this.violated('double', room, `the ack of ${seq}, ${upTo(seat)}`);
    }
    this.expect(seat, room, seq, 'the ack of');
    this.hear(seat, message, true);
    if (!isRepeat) this.follow(seat, message);
    else seat.rev = null;
  }

  on_event({ name, payload, offset }) {
    if (name !== 'error' && name !== 'offset' && payload?.room) this.on_room_event(name, payload);
    if (offset !== null) this.unproven.clear();
  }

  on_room_event(name, payload) {
    const { room } = payload;
    const seat = this.seat(room);
    if (seat.state === 'out') {
      // Its library gave up waiting for the ack of a join, and repeats the join.
      const joins = (asked) => asked.event === 'join_room' && asked.payload.room === room;
      if (!this.member.retries || ![...this.open.values()].some(joins))
        return this.violated('outside', room, `heard ${name} of a room that it is not in`);
      seat.state = 'unsure';
      seat.lostJoins.push(null);
    }
    switch (name) {
      case 'new_message':
        return this.on_message(seat, payload);
      case 'message_edited':
      case 'message_deleted':
        return this.on_changed(seat, name, payload);
      case 'gap':
        return this.on_gap(seat, payload);
      case 'user_joined':
      case 'user_left':
      case 'presence':
        return this.on_presence(seat, name, payload);
    }
  }

  on_message(seat, message) {
    const { room, seq } = message;
    const key = `${room}/${seq}`;
    if (seat.state !== 'unsure' && seat.position !== null && seq <= seat.position) {
      if (!this.seam.delete(key)) return this.violated('double', room, `message ${seq}, ${upTo(seat)}`);
      ++this.seams;
      return this.keep(seat, message);
    }
    this.expect(seat, room, seq, 'message');
    this.hear(seat, message, false);
    this.follow(seat, message);
  }

  /// Expects this message to be the next one that it receives.
  expect(seat, room, seq, what) {
    const next = seat.position === null ? seq : seat.position + 1;
    const unsure = seat.state === 'unsure';
    if (seq !== next) {
      // A join whose ack was lost has begun at a position that it cannot know.
      const begun = unsure && seat.owed !== 'yes' && seat.lostJoins.includes(null);
      if (seq < next) {
        const isSeam = this.seam.delete(`${room}/${seq}`);
        return isSeam ? undefined : this.violated('double', room, `${what} ${seq}, ${upTo(seat)}`);
      }
      if (!begun && !this.areLate(room, next, seq - 1))
        this.violated('hole', room, `${what} ${seq}, ${upTo(seat)}`);
    }
    if (seq !== next) {
      seat.rev = null;
      seat.copies.clear();
    }
    if (unsure) Object.assign(seat, { state: 'in', lostLeave: false });
    seat.position = seq;
  }

  /// True if all these may be its own, acked to requests that its library had given up: then the
  /// acks of their repeats have to come.
  areLate(room, from, to) {
    if (!this.member.retries) return false;
    for (let seq = from; seq <= to; ++seq) this.late.set(`${room}/${seq}`, this.at);
    return true;
  }

  hear(seat, message, byAck) {
    if (byAck) this.unproven.add(`${message.room}/${message.seq}`);
    if (byAck) this.unproven.add(`${message.room}/${message.seq}@${message.rev}`);
    this.keep(seat, message);
  }

  keep(seat, message) {
    const kept = seat.copies.get(message.seq);
    if (!kept || kept.rev <= message.rev) seat.copies.set(message.seq, message);
  }

  /// Changes come in order, each once.
  follow(seat, { room, rev }) {
    if (!seat.isLive || this.member.retries) return;
    if (seat.rev !== null && rev !== seat.rev + 1) this.violated('rev', room, `change ${rev} after ${seat.rev}`);
    seat.rev = rev;
  }

  on_changed(seat, name, message) {
    const { room, seq, rev } = message;
    // A change of a message that it never had does not tell where its membership began.
    const begins = seat.state === 'unsure' && seat.lostJoins.includes(null);
    if (begins) seat.rev = null;
    else if (seat.state === 'unsure') Object.assign(seat, { state: 'in', lostLeave: false });
    if (Boolean(message.deleted_at) !== (name === 'message_deleted'))
      this.violated('change', room, `${name} of ${seq} is none`);
    const had = begins || seat.position === null || seq <= seat.position;
    if (!had && !this.late.has(`${room}/${seq}`))
      this.violated('change', room, `${name} of ${seq}, ${upTo(seat)}`);
    const kept = seat.copies.get(seq);
    if (kept && kept.rev >= rev) {
      if (!this.seam.delete(`${room}/${seq}@${rev}`))
        this.violated('double change', room, `${name} of ${seq}@${rev}, having ${seq}@${kept.rev}`);
      else ++this.seams;
      return;
    }
    this.keep(seat, message);
    this.follow(seat, message);
  }

  on_change_acked(seat, message) {
    if (seat.state === 'out') return;
    const kept = seat.copies.get(message.seq);
    this.unproven.add(`${message.room}/${message.seq}@${message.rev}`);
    if (kept && kept.rev >= message.rev) return; // deleted already
    this.keep(seat, message);
    // It cannot know whether a message that it does not have was deleted just now.
    if (message.deleted_at && !kept) return (seat.rev = null);
    this.follow(seat, message);
  }

  on_gap(seat, { room, from_seq: from, to_seq: to }) {
    if (seat.state === 'unsure') Object.assign(seat, { state: 'in', lostLeave: false });
    if (from < 1 || from > to) return this.violated('gap', room, `from ${from} to ${to}`);
    if (seat.position !== null && to <= seat.position) {
      if (seat.gapsTo !== to && !this.seam.delete(`${room}/gap/${to}`))
        this.violated('gap', room, `from ${from} to ${to}, ${upTo(seat)}`);
      return;
    }
    if (seat.position !== null && from > seat.position + 1)
      this.violated('hole', room, `a gap from ${from}, ${upTo(seat)}`);
    seat.position = to;
    seat.rev = null;
    seat.copies.clear();
    this.unproven.add(`${room}/gap/${to}`);
  }

  on_presence(seat, name, payload) {
    const { users } = seat;
    if (!users) return;
    const { room } = payload;
    if (name === 'presence') {
      for (const { user_id } of payload.joined) users.add(user_id);
      for (const { user_id } of payload.left) users.delete(user_id);
      return;
    }
    const joined = name === 'user_joined';
    if (!this.coalesced && users.has(payload.user_id) === joined)
      this.violated('presence', room, `${name} of ${payload.user_id} among ${[...users]}`);
    if (joined) users.add(payload.user_id);
    else users.delete(payload.user_id);
  }

  /// Checks, when nothing is under way any more, that it has everything. `rooms`: name to history.
  finish(rooms) {
    for (const [room, seat] of this.seats) {
      if (seat.state !== 'in') continue;
      const history = rooms.get(room);
      const last = history.length;
      if (seat.position !== last) this.violated('hole', room, `the end at ${last}, ${upTo(seat)}`);
      for (const [seq, { rev, content }] of seat.copies) {
        const stored = history[seq - 1];
        if (rev !== stored?.rev)
          this.violated('stale', room, `has ${seq} with rev ${rev}, not ${stored?.rev}`);
        else if (content !== stored.content)
          this.violated('stale', room, `has another ${seq} than is stored`);
      }
    }
    for (const [key, at] of this.late) {
      const [room, seq] = key.split('/');
      this.violations.push({ kind: 'hole', member: this.member.name, room, text: `no ${seq}`, at });
    }
    for (const { room, seq, message, content } of this.acked) {
      const stored = rooms.get(room)[seq - 1];
      if (stored?.id !== message.id) this.violated('lost', room, `${seq} was acked and is not stored`);
      else if (!stored.deleted_at && firstSaid(stored.content) !== content)
        this.violated('lost', room, `${seq} was acked as ${content} and is ${stored.content}`);
    }
    return this;
  }
}

const upTo = ({ position }) => `having heard up to ${position}`;

/// Checks what has to be true of the histories alone. `rooms`: name to history.
export function checkHistories(rooms) {
  const violations = [];
  const seen = new Set();
  const violated = (room, text) => violations.push({ kind: 'log', member: '', room, text, at: 0 });
  for (const [room, history] of rooms) {
    const revs = new Set();
    history.forEach(({ seq, rev, content, deleted_at }, i) => {
      if (seq !== i + 1) violated(room, `${seq} at place ${i + 1}`);
      if (revs.has(rev)) violated(room, `rev ${rev} twice`);
      revs.add(rev);
      const said = `${room}/${firstSaid(content)}`;
      if (!deleted_at && seen.has(said)) violated(room, `${said} stored twice`);
      seen.add(said);
    });
  }
  return violations;
}

// Knows from what a member said and heard, and from the history, what it must have heard. It looks
// at logs alone. The things that docs/api.md lets come twice are let pass, and counted:
// - a *seam*: what an ack told comes again as an event, where the connection was cut between the
//   ack and its `offset`; and the change of a message that was replayed as it is after it, where the
//   connection was cut once more;
// - a *repeat*: the ack of a message that was sent more than once (`retries`, or the same
//   `client_id` again) comes after the message itself was heard.
import { firstSaid } from './member.mjs';

/// Errors that say nothing about what somebody is owed.
const busy = new Set(['overloaded', 'storage_error', 'rate_limited']);

/// A member's view of a room.
class Membership {
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
    this.memberships = new Map();
    this.requests = new Map();
    this.open = new Map(); // requests without an answer
    this.answered = new Set();
    this.sends = new Map(); // client_id: how often it was sent
    this.unproven = new Set(); // heard by ack, with no offset since
    this.seam = new Set(); // heard so before a cut
    this.replayedChanges = new Set(); // told by a replay's messages as they were by then
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

  membership(room) {
    if (!this.memberships.has(room)) this.memberships.set(room, new Membership());
    return this.memberships.get(room);
  }

  on_connect({ recovered, pid }) {
    ++this.connections;
    if (recovered) ++this.recoveries;
    const isOwed = (membership) => membership.state === 'in' && !membership.lostLeave;
    if (!recovered && this.pid && !this.saidGoodbye && !this.windowIsShort) {
      const lost = [...this.memberships].filter(([, membership]) => isOwed(membership)).map(([room]) => room);
      if (lost.length) this.violated('lost session', lost[0], `in ${lost} and not recovered`);
    }
    for (const membership of this.memberships.values()) {
      membership.users = null;
      membership.isLive = false;
      membership.rev = null;
      if (recovered) {
        const stays = membership.state === 'in' && !membership.lostLeave;
        if (!stays && (membership.lostLeave || membership.lostJoins.length)) membership.state = 'unsure';
      } else this.forget(membership);
    }
    if (recovered) {
      for (const key of [...this.unproven, ...this.replayedChanges]) this.seam.add(key);
    } else {
      this.unproven.clear();
      this.replayedChanges.clear();
      this.seam.clear();
    }
    this.pid = pid;
    this.saidGoodbye = false;
  }

  /// Forgets a room, since the session is over.
  forget(membership) {
    const wasIn = membership.state === 'in' && !membership.lostLeave;
    const mayHaveBeen = membership.state !== 'out' || membership.lostJoins.length > 0;
    if (!this.pid) membership.owed = 'no';
    else if (wasIn && !this.saidGoodbye) membership.owed = 'yes';
    else if (mayHaveBeen && membership.owed !== 'yes') membership.owed = 'maybe';
    if (this.saidGoodbye && membership.owed === 'yes') membership.owed = 'maybe';
    membership.state = 'out';
    membership.lostJoins = [];
    membership.lostLeave = false;
    membership.copies.clear();
  }

  on_disconnect() {
    for (const { event, payload } of this.open.values()) {
      const membership = this.membership(payload.room);
      if (event === 'join_room') membership.lostJoins.push(payload.since ?? null);
      if (event === 'leave_room') membership.lostLeave = true;
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
    const membership = this.membership(request.payload.room);
    if (!answer.ok) return this.on_refused(membership, request, answer.error);
    switch (request.event) {
      case 'join_room':
        return this.on_joined(membership, request, answer);
      case 'leave_room':
        return this.memberships.set(request.payload.room, this.formerMembership(membership));
      case 'send_message':
        return this.on_sent(membership, request, answer.message);
      case 'edit_message':
      case 'delete_message':
        return this.on_change_acked(membership, answer.message);
    }
  }

  /// Keeps the position in a room that it left, for a join with `since`; its offset may name the
  /// room still.
  formerMembership({ position }) {
    return Object.assign(new Membership(), { position, owed: this.pid ? 'maybe' : 'no' });
  }

  on_refused(membership, { event, payload }, { code }) {
    if (busy.has(code)) return;
    const changes = event === 'edit_message' || event === 'delete_message';
    if (code === 'not_found' && changes) return; // deleted
    if (code === 'not_a_member' && (membership.state !== 'in' || membership.lostLeave)) return;
    this.violated('refused', payload.room, `${event}: ${code}`);
  }

  on_joined(membership, { payload }, { room, members, messages, gap }) {
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
    const wasIn = membership.state === 'in';
    if (wasIn) {
      const misses = membership.position < last && !this.areLate(name, membership.position + 1, last);
      if (membership.position > last || misses)
        this.violated('hole', name, `a second join at ${last}, ${upTo(membership)}`);
    } else if (membership.state === 'unsure' && membership.position === last) {
      // It was in the room, or nothing was said.
    } else this.beginAt(membership, name, last, granted ? since : null, messages);
    membership.state = 'in';
    membership.lostJoins = [];
    membership.lostLeave = false;
    membership.isLive = true;
    if (!wasIn) {
      membership.copies.clear();
      membership.rev = null;
    }
    for (const message of messages) this.keep(membership, message);
    membership.users = new Set(members.map(({ user_id }) => user_id));
  }

  /// Begins a membership, as far as the member knows.
  beginAt(membership, name, last, since, messages) {
    if (since !== null) {
      if (membership.owed !== 'no' && since > membership.position)
        this.violated('hole', name, `asked since ${since}, ${upTo(membership)}`);
      for (const { seq } of messages) this.unproven.add(`${name}/${seq}`);
      membership.position = last;
    } else if (membership.owed !== 'yes') membership.position = last;
    // Otherwise only a gap moves it.
    if (membership.owed !== 'no') membership.gapsTo = last;
    membership.owed = 'no';
  }

  on_sent(membership, { payload }, message) {
    const { seq } = message;
    const { room, client_id } = payload;
    this.acked.push({ room, seq, message, content: payload.content });
    const isRepeat = client_id && (this.member.retries || this.sends.get(client_id) > 1);
    const key = `${room}/${seq}`;
    if (membership.state === 'out') return; // the answer to a repeat, before it has joined
    if (membership.position !== null && seq <= membership.position) {
      if (this.late.delete(key)) return this.hear(membership, message, true);
      if (isRepeat) return ++this.repeats;
      return this.violated('double', room, `the ack of ${seq}, ${upTo(membership)}`);
    }
    this.expect(membership, room, seq, 'the ack of');
    this.hear(membership, message, true);
    if (!isRepeat) this.follow(membership, message);
    else membership.rev = null;
  }

  on_event({ name, payload, offset }) {
    if (name !== 'error' && name !== 'offset' && payload?.room) this.on_room_event(name, payload);
    if (offset !== null) this.unproven.clear();
  }

  on_room_event(name, payload) {
    const { room } = payload;
    const membership = this.membership(room);
    if (membership.state === 'out') {
      // Its library gave up waiting for the ack of a join, and repeats the join.
      const joins = (asked) => asked.event === 'join_room' && asked.payload.room === room;
      if (!this.member.retries || ![...this.open.values()].some(joins))
        return this.violated('outside', room, `heard ${name} of a room that it is not in`);
      membership.state = 'unsure';
      membership.lostJoins.push(null);
    }
    switch (name) {
      case 'new_message':
        return this.on_message(membership, payload);
      case 'message_edited':
      case 'message_deleted':
        return this.on_changed(membership, name, payload);
      case 'gap':
        return this.on_gap(membership, payload);
      case 'user_joined':
      case 'user_left':
      case 'presence':
        return this.on_presence(membership, name, payload);
    }
  }

  on_message(membership, message) {
    const { room, seq } = message;
    const key = `${room}/${seq}`;
    if (membership.state !== 'unsure' && membership.position !== null && seq <= membership.position) {
      if (!this.seam.delete(key)) return this.violated('double', room, `message ${seq}, ${upTo(membership)}`);
      ++this.seams;
      return this.keep(membership, message);
    }
    // A replay has changes before messages, so none of its changes comes after this.
    for (const change of this.replayedChanges)
      if (change.startsWith(`${room}/`) && this.seam.delete(change)) this.replayedChanges.delete(change);
    this.expect(membership, room, seq, 'message');
    this.hear(membership, message, false);
    this.follow(membership, message);
  }

  /// Expects this message to be the next one that it receives.
  expect(membership, room, seq, what) {
    const next = membership.position === null ? seq : membership.position + 1;
    const unsure = membership.state === 'unsure';
    if (seq !== next) {
      // A join whose ack was lost has begun at a position that it cannot know.
      const begun = unsure && membership.owed !== 'yes' && membership.lostJoins.includes(null);
      if (seq < next) {
        const isSeam = this.seam.delete(`${room}/${seq}`);
        return isSeam ? undefined : this.violated('double', room, `${what} ${seq}, ${upTo(membership)}`);
      }
      if (!begun && !this.areLate(room, next, seq - 1))
        this.violated('hole', room, `${what} ${seq}, ${upTo(membership)}`);
    }
    if (seq !== next) {
      membership.rev = null;
      membership.copies.clear();
    }
    if (unsure) Object.assign(membership, { state: 'in', lostLeave: false });
    membership.position = seq;
  }

  /// True if all these may be its own, acked to requests that its library had given up: then the
  /// acks of their repeats have to come.
  areLate(room, from, to) {
    if (!this.member.retries) return false;
    for (let seq = from; seq <= to; ++seq) this.late.set(`${room}/${seq}`, this.at);
    return true;
  }

  hear(membership, message, byAck) {
    if (byAck) this.unproven.add(`${message.room}/${message.seq}`);
    const change = `${message.room}/${message.seq}@${message.rev}`;
    if (byAck) this.unproven.add(change);
    else if (message.edited_at || message.deleted_at) this.replayedChanges.add(change);
    this.keep(membership, message);
  }

  keep(membership, message) {
    const kept = membership.copies.get(message.seq);
    if (!kept || kept.rev <= message.rev) membership.copies.set(message.seq, message);
  }

  /// Changes come in order, each once.
  follow(membership, { room, rev }) {
    if (!membership.isLive || this.member.retries) return;
    if (membership.rev !== null && rev !== membership.rev + 1)
      this.violated('rev', room, `change ${rev} after ${membership.rev}`);
    membership.rev = rev;
  }

  on_changed(membership, name, message) {
    const { room, seq, rev } = message;
    // A change of a message that it never had does not tell where its membership began.
    const begins = membership.state === 'unsure' && membership.lostJoins.includes(null);
    if (begins) membership.rev = null;
    else if (membership.state === 'unsure') Object.assign(membership, { state: 'in', lostLeave: false });
    if (Boolean(message.deleted_at) !== (name === 'message_deleted'))
      this.violated('change', room, `${name} of ${seq} is none`);
    const had = begins || membership.position === null || seq <= membership.position;
    if (!had && !this.late.has(`${room}/${seq}`))
      this.violated('change', room, `${name} of ${seq}, ${upTo(membership)}`);
    const kept = membership.copies.get(seq);
    if (kept && kept.rev >= rev) {
      this.replayedChanges.delete(`${room}/${seq}@${rev}`);
      if (!this.seam.delete(`${room}/${seq}@${rev}`))
        this.violated('double change', room, `${name} of ${seq}@${rev}, having ${seq}@${kept.rev}`);
      else ++this.seams;
      return;
    }
    this.keep(membership, message);
    this.follow(membership, message);
  }

  on_change_acked(membership, message) {
    if (membership.state === 'out') return;
    const kept = membership.copies.get(message.seq);
    this.unproven.add(`${message.room}/${message.seq}@${message.rev}`);
    if (kept && kept.rev >= message.rev) return; // deleted already
    this.keep(membership, message);
    // It cannot know whether a message that it does not have was deleted just now.
    if (message.deleted_at && !kept) return (membership.rev = null);
    this.follow(membership, message);
  }

  on_gap(membership, { room, from_seq: from, to_seq: to }) {
    if (membership.state === 'unsure') Object.assign(membership, { state: 'in', lostLeave: false });
    if (from < 1 || from > to) return this.violated('gap', room, `from ${from} to ${to}`);
    if (membership.position !== null && to <= membership.position) {
      if (membership.gapsTo !== to && !this.seam.delete(`${room}/gap/${to}`))
        this.violated('gap', room, `from ${from} to ${to}, ${upTo(membership)}`);
      return;
    }
    if (membership.position !== null && from > membership.position + 1)
      this.violated('hole', room, `a gap from ${from}, ${upTo(membership)}`);
    membership.position = to;
    membership.rev = null;
    membership.copies.clear();
    this.unproven.add(`${room}/gap/${to}`);
  }

  on_presence(membership, name, payload) {
    const { users } = membership;
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
    for (const [room, membership] of this.memberships) {
      if (membership.state !== 'in') continue;
      const history = rooms.get(room);
      const last = history.length;
      if (membership.position !== last)
        this.violated('hole', room, `the end at ${last}, ${upTo(membership)}`);
      for (const [seq, { rev, content }] of membership.copies) {
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
      if (seq !== i + 1) violated(room, `${seq} at index ${i + 1}`);
      if (revs.has(rev)) violated(room, `rev ${rev} twice`);
      revs.add(rev);
      const said = `${room}/${firstSaid(content)}`;
      if (!deleted_at && seen.has(said)) violated(room, `${said} stored twice`);
      seen.add(said);
    });
  }
  return violations;
}

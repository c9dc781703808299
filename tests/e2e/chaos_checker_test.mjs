// The checker of the chaos test finds what it is meant to find, in logs made by hand.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Checker } from './chaos/checker.mjs';

const room = 'r';
const message = (seq, more = {}) => {
  return { id: seq, seq, rev: seq, room, user_id: 'a', content: `c${seq}`, ...more };
};

/// A log that a test writes: what a member of this kind sends and receives, step by step.
class Log {
  constructor(member = {}) {
    this.member = { name: 'm', user: 'm', kind: '', recover: true, ...member, log: [] };
    this.number = 0;
  }
  add(what, fields = {}) {
    this.member.log.push({ what, ...fields });
    return this;
  }
  connect(recovered = false, pid = 'p') {
    return this.add('connect', { recovered, pid });
  }
  cut() {
    return this.add('disconnect');
  }
  ask(event, payload, answer) {
    const number = ++this.number;
    this.add('request', { number, event, payload: { room, ...payload }, acked: true });
    return answer ? this.add('ack', { number, answer: { ok: true, ...answer } }) : this;
  }
  join(last, { messages = [], gap = false, ...payload } = {}) {
    return this.ask('join_room', payload, { room: { last_seq: last }, members: [], messages, gap });
  }
  send(seq, payload = {}) {
    return this.ask('send_message', { content: `c${seq}`, ...payload }, { message: message(seq) });
  }
  hear(seq, more = {}) {
    return this.event('new_message', message(seq, more));
  }
  event(name, payload, offset = 'o') {
    return this.add('event', { name, payload: { room, ...payload }, offset });
  }
  offset() {
    return this.add('event', { name: 'offset', payload: 'o', offset: 'o' });
  }
  /// Returns the kinds of violations; `last`: the room's last message.
  verdict(last, changed = {}, options = {}) {
    const history = Array.from({ length: last }, (_, i) => message(i + 1, changed[i + 1]));
    const checker = new Checker(this.member, options).read().finish(new Map([[room, history]]));
    this.seams = checker.seams;
    this.repeats = checker.repeats;
    return checker.violations.map(({ kind }) => kind);
  }
}

const begun = (member) => new Log(member).connect().join(0);

describe('The checker of a member', () => {
  it('is content with one that hears everything once', () => {
    const log = begun().hear(1).send(2).offset().hear(3).cut().connect(true);
    assert.deepEqual(log.hear(4).join(4).hear(5).verdict(5), []);
  });

  it('finds a hole and a double', () => {
    assert.deepEqual(begun().hear(1).hear(3).verdict(3), ['hole']);
    assert.deepEqual(begun().hear(1).hear(1).verdict(1), ['double']);
    assert.deepEqual(begun().hear(1).verdict(2), ['hole']);
  });

  it('finds what a recovered session was not given, by events and by a second join', () => {
    const back = (log) => log.cut().connect(true);
    assert.deepEqual(back(begun().hear(1)).hear(3).verdict(3), ['hole']);
    assert.deepEqual(back(begun().hear(1)).join(2).hear(3).verdict(3), ['hole', 'hole']);
    assert.deepEqual(back(begun().hear(1).hear(2)).hear(2).verdict(2), ['double']);
  });

  it('finds a session that was not given back, and a room heard of without being in it', () => {
    const fresh = begun().hear(1).cut().connect(false, 'q').join(1);
    assert.deepEqual(fresh.event('gap', { from_seq: 1, to_seq: 1 }).verdict(1), ['lost session']);
    assert.deepEqual(begun().ask('leave_room', {}, {}).hear(1).verdict(1), ['outside']);
  });

  it('wants a gap where a session is lost, once, even if the first is lost with its connection', () => {
    const lost = () => begun().hear(1).cut().connect(false, 'q');
    const again = (log) => log.cut().connect(true, 'q');
    const gap = (log) => log.event('gap', { from_seq: 2, to_seq: 3 }, null);
    const verdict = (log) => log.hear(4).verdict(4, {}, { windowIsShort: true });
    assert.deepEqual(verdict(gap(lost().join(3))), []);
    assert.deepEqual(verdict(lost().join(3)), ['hole']);
    assert.deepEqual(verdict(again(lost().join(3))), ['hole']);
    assert.deepEqual(verdict(gap(again(lost().join(3)))), []);
    const since = { since: 1, messages: [message(2), message(3)] };
    assert.deepEqual(verdict(lost().join(3, since)), []);
  });

  it('lets an ack come again as an event only where no offset came behind it', () => {
    const seam = begun().send(1).cut().connect(true).hear(1).hear(2);
    assert.deepEqual([seam.verdict(2), seam.seams], [[], 1]);
    const back = (log) => log.cut().connect(true);
    assert.deepEqual(back(begun().send(1).offset()).hear(1).hear(2).verdict(2), ['double']);
    assert.deepEqual(back(begun().send(1).hear(2)).hear(1).verdict(2), ['double']);
  });

  it('lets the change of a replayed message come again only after another cut', () => {
    const edited = { rev: 3, content: 'c2+x', edited_at: 'now' };
    const replayed = () => begun().hear(1).cut().connect(true).hear(2, edited);
    const edit = (log) => log.event('message_edited', message(2, edited));
    const again = edit(replayed().cut().connect(true));
    assert.deepEqual([again.verdict(2, { 2: edited }), again.seams], [[], 1]);
    assert.deepEqual(edit(replayed()).verdict(2, { 2: edited }), ['double change']);
    assert.deepEqual(edit(again).verdict(2, { 2: edited }), ['double change']);
    assert.deepEqual(edit(again.cut().connect(true)).verdict(2, { 2: edited }).length, 2);
    const late = edit(replayed().cut().connect(true).hear(3));
    assert.deepEqual(late.verdict(3, { 2: edited }), ['double change']);
  });

  it('lets the ack of a repeat come behind the message', () => {
    const once = begun().ask('send_message', { content: 'c1', client_id: 'x' }).cut().connect(true).hear(1);
    once.send(1, { client_id: 'x' });
    assert.deepEqual([once.verdict(1), once.repeats], [[], 1]);
    assert.deepEqual(begun().hear(1).send(1).verdict(1), ['double']);
  });

  it('finds a change told twice, one that never came, and one out of order', () => {
    const edited = { rev: 3, content: 'c1+x', edited_at: 'now' };
    const heard = () => begun().hear(1).hear(2);
    const edit = (log) => log.event('message_edited', message(1, edited));
    assert.deepEqual(edit(heard()).verdict(2, { 1: edited }), []);
    assert.deepEqual(edit(edit(heard())).verdict(2, { 1: edited }), ['double change']);
    assert.deepEqual(heard().verdict(2, { 1: edited }), ['stale']);
    assert.deepEqual(begun().hear(1).hear(2, { rev: 4 }).verdict(2, { 2: { rev: 4 } }), ['rev']);
    const own = message(1, { ...edited, rev: 2 });
    const acked = begun().hear(1).ask('edit_message', { seq: 1 }, { message: own });
    acked.cut().connect(true).event('message_edited', own);
    assert.deepEqual([acked.verdict(1, { 1: own }), acked.seams], [[], 1]);
  });

  it('wants no more than is owed of a membership whose beginning or end was lost', () => {
    const lost = (log, event) => log.ask(event, {}).cut().connect(true);
    const joined = lost(new Log().connect(), 'join_room');
    assert.deepEqual(joined.hear(7).join(7).verdict(7), []);
    const edited = { rev: 8, content: 'c7+x', edited_at: 'now' };
    const changed = lost(new Log().connect(), 'join_room').event('message_edited', message(7, edited));
    assert.deepEqual(changed.join(7).hear(8, { rev: 9 }).verdict(8, { 7: edited, 8: { rev: 9 } }), []);
    const again = lost(begun().hear(1).ask('leave_room', {}, {}), 'join_room');
    again.event('message_edited', message(7, edited)).hear(8, { rev: 9 });
    assert.deepEqual(again.verdict(8, { 7: edited, 8: { rev: 9 } }), []);
    const left = () => lost(begun().hear(1), 'leave_room');
    assert.deepEqual(left().join(5).hear(6).verdict(6), []);
    assert.deepEqual(left().hear(2).hear(4).verdict(4), ['hole']);
  });

  it('finds what was acked and is not stored, and who is here and is not', () => {
    assert.deepEqual(begun().send(1).verdict(1, { 1: { id: 9 } }), ['lost']);
    const left = { user_id: 'b' };
    assert.deepEqual(begun().event('user_left', left, null).verdict(0), ['presence']);
    const twice = begun().event('user_joined', left, null).event('user_joined', left, null);
    assert.deepEqual(twice.verdict(0), ['presence']);
  });
});

// One round: a server, members on a network that breaks, a storm, and calm. The seed decides what a
// round does; the machine decides when.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, assertSound, deadline, sanitized } from '../support.mjs';
import { Checker, checkHistories } from './checker.mjs';
import { PythonClient, StockClient } from './clients.mjs';
import { Member, kinds } from './member.mjs';
import { ChaosProxy } from './proxy.mjs';
import { Dice } from './random.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// Settles once `holds` is true, which is tried again and again; false after the deadline.
async function eventually(holds, ms = deadline) {
  for (const end = Date.now() + ms; Date.now() < end; await pause(10)) if (await holds()) return true;
  return false;
}

/// Returns the settings of this round's server.
function settingsOf(seed) {
  const dice = new Dice(seed, 'settings');
  return {
    rooms: Array.from({ length: dice.between(3, 7) }, (_, i) => `room${i}`),
    people: dice.between(6, 9),
    pythons: dice.between(1, 3),
    steps: dice.between(120, 200),
    kills: dice.pick([0, 1, 1, 2]),
    sleepy: dice.chance(70), // rooms sleep as soon as they are empty
    coalesced: dice.chance(40), // presence is told as it is in large rooms
    windowIsShort: dice.chance(15),
  };
}

function argumentsOf({ sleepy, coalesced, windowIsShort }) {
  const slow = sanitized ? 3 : 1;
  return [
    ...['--ping-interval', `${400 * slow}ms`, '--ping-timeout', `${600 * slow}ms`],
    ...['--open-edit', '--log-level', 'error'],
    ...['--room-linger', sleepy ? '0ms' : '10s'],
    ...(coalesced ? ['--presence-threshold', '2', '--presence-interval', '60ms'] : []),
    ...(windowIsShort ? ['--recovery-window', '150ms'] : []),
  ];
}

const transports = [['websocket'], ['websocket'], ['polling'], ['polling', 'websocket']];

class Round {
  constructor(seed) {
    this.seed = seed;
    this.settings = settingsOf(seed);
    this.dice = new Dice(seed, 'storm');
    this.violations = [];
    this.histories = new Map();
    this.kills = 0;
    this.posts = 0;
  }

  async open() {
    this.server = await Server.start({ args: argumentsOf(this.settings) });
    // They exist before anybody knows them, so that fences can be posted by number.
    this.ids = new Map();
    for (const room of this.settings.rooms) this.ids.set(room, (await this.server.createRoom(room)).id);
    this.proxy = await ChaosProxy.start(this.server, this.seed);
    const { people, pythons } = this.settings;
    this.members = [];
    for (let i = 0; i < people + pythons; ++i) this.members.push(this.makeMember(i, i >= people));
    this.checkers = this.members.map((member) => new Checker(member, this.settings));
  }

  makeMember(i, isPython) {
    const dice = new Dice(this.seed, 'member', i);
    const { rooms } = this.settings;
    const some = rooms.filter(() => dice.chance(55));
    const member = new Member({
      name: `${isPython ? 'p' : 'm'}${i}`,
      user: dice.chance(20) ? 'twin' : `user${i}`, // some have two connections
      kind: isPython ? dice.pick(['plain', 'since']) : this.kindOf(i, dice),
      wanted: some.length ? some : [dice.pick(rooms)],
      dice: new Dice(this.seed, 'acts', i),
    });
    // Python's client knows nothing of recovery; asked for, its handlers see offsets.
    const recover = isPython ? dice.chance(40) : kinds[member.kind].recover;
    const options = {
      auth: { username: member.user, ...(recover ? { recover: true } : {}) },
      transports: dice.pick(transports),
      retries: member.retries,
    };
    const Client = isPython ? PythonClient : StockClient;
    member.open((on) => new Client(this.proxy.url, options, on));
    return member;
  }

  /// The first four of them are of every recoverable kind.
  kindOf(i, dice) {
    const all = Object.keys(kinds);
    const recoverable = all.filter((kind) => kinds[kind].recover);
    return recoverable[i] ?? dice.pick(['recovered', 'recovered, since', ...all]);
  }

  async storm() {
    const { steps, kills } = this.settings;
    const strikes = new Set(Array.from({ length: kills }, () => this.dice.between(20, steps)));
    for (let step = 0; step < steps; ++step) {
      if (strikes.has(step)) await this.kill();
      const member = this.dice.pick(this.members);
      this.act(member, this.dice.weighed(acts));
      if (this.dice.chance(70)) await pause(this.dice.between(0, 25));
    }
  }

  async kill() {
    ++this.kills;
    await this.server.kill();
    await this.server.restart();
  }

  act(member, what) {
    const { dice } = this;
    const room = dice.pick([...member.wanted, ...(dice.chance(10) ? this.settings.rooms : [])]);
    switch (what) {
      case 'post':
        return this.post(dice.pick(this.settings.rooms));
      case 'send':
        if (!room || (!member.connected && dice.chance(60))) return;
        // What a library repeats by itself needs a `client_id`.
        return member.send(room, {
          acked: dice.chance(65),
          safe: member.retries || dice.chance(30),
        });
      case 'edit':
        return member.connected && member.edit(dice.chance(60));
      case 'remove':
        return member.connected && member.remove(dice.chance(60));
      case 'join':
        return member.connected && member.enter(dice.pick(this.settings.rooms));
      case 'joinAgain':
        return member.connected && member.wanted.has(room) && member.join(room);
      case 'leave':
        if (!member.connected || member.wanted.size < 2) return;
        return member.leave(dice.pick([...member.wanted]));
      case 'drop':
        return member.client.drop();
      case 'goodbye':
        return member.connected && member.goodbye();
    }
  }

  /// A message that comes over HTTP, past the proxy; the server may be down.
  post(room) {
    const message = { content: `web:${++this.posts}`, username: 'web' };
    return this.server.post(`/api/messages/${this.ids.get(room)}`, message).catch(() => undefined);
  }

  /// Heals the network, and waits until everybody has received everything.
  async settle() {
    this.proxy.calm();
    const settled = () => this.members.every((member) => member.isSettled);
    if (!(await eventually(settled))) return this.fail('unsettled', this.unsettled());
    for (const room of this.settings.rooms) {
      const { body } = await this.post(room);
      const inside = this.members.filter((member) => member.wanted.has(room));
      const without = () => inside.filter((member) => !(member.here.get(room) >= body.seq));
      if (await eventually(() => without().length === 0)) continue;
      const names = without().map(({ name }) => name);
      this.fail('unheard', `${names} never heard the last message ${body.seq} of ${room}`);
    }
    await eventually(settled);
    const agree = await eventually(() => this.presenceDiffers() === null, 5_000);
    if (!agree) this.fail('presence', this.presenceDiffers());
    await this.compareMembers();
  }

  unsettled() {
    const describe = ({ name, connected, pending, unsaid, leaving }) => {
      const asked = [...pending.values()].map(({ event, payload }) => `${event} ${payload.room}`);
      const said = [...unsaid.keys()];
      return `${name}: ${connected ? 'there' : 'away'}, asks ${asked}, says ${said}, leaves ${[...leaving]}`;
    };
    return this.members.filter((member) => !member.isSettled).map(describe).join('; ');
  }

  /// Returns where members' view of who is in their rooms is wrong.
  presenceDiffers() {
    for (const checker of this.checkers) {
      checker.read();
      for (const room of checker.member.wanted) {
        const { users } = checker.membership(room);
        if (!users) continue; // nobody has told it since it was recovered
        const wanted = this.usersIn(room);
        const seen = [...users].sort();
        if (String(seen) !== String(wanted))
          return `${checker.member.name} sees ${seen} in ${room} instead of ${wanted}`;
      }
    }
    return null;
  }

  usersIn(room) {
    const users = this.members.filter((member) => member.wanted.has(room)).map(({ user }) => user);
    return [...new Set(users)].sort();
  }

  /// Checks that there are no ghosts.
  async compareMembers() {
    for (const room of this.settings.rooms) {
      const there = async () => {
        const { body } = await this.server.get(`/api/rooms/${this.ids.get(room)}/members`);
        return String(body.members.map(({ user_id }) => user_id));
      };
      const wanted = String(this.usersIn(room));
      if (await eventually(async () => (await there()) === wanted, 10_000)) continue;
      this.fail('ghosts', `${await there()} are in ${room} instead of ${wanted}`);
    }
  }

  async check() {
    const histories = new Map();
    for (const [room, id] of this.ids) histories.set(room, await this.server.history(id));
    for (const checker of this.checkers)
      this.violations.push(...checker.read().finish(histories).violations);
    this.violations.push(...checkHistories(histories));
    this.messages = [...histories.values()].reduce((sum, { length }) => sum + length, 0);
    this.histories = histories;
  }

  fail(kind, text) {
    this.violations.push({ kind, member: '', room: '', text, at: 0 });
  }

  async close() {
    await Promise.all(this.members.map(({ client }) => client.end()));
    this.proxy.close();
    await this.server.stop();
    await assertSound(this.server);
  }

  sum(field) {
    return this.checkers.reduce((sum, checker) => sum + checker[field], 0);
  }

  /// Returns what happened, in a line.
  summary() {
    const { people, pythons, rooms, sleepy, coalesced, windowIsShort } = this.settings;
    return [
      `seed ${this.seed}: ${people}+${pythons} members of ${rooms.length} rooms`,
      ...(sleepy ? ['sleepy rooms'] : []),
      ...(coalesced ? ['coalesced presence'] : []),
      ...(windowIsShort ? ['short window'] : []),
      `${this.messages} messages, ${this.kills} kills`,
      `${this.sum('connections')} connections, ${this.sum('recoveries')} recovered`,
      `${this.sum('seams')} seams, ${this.sum('repeats')} repeats`,
    ].join(', ');
  }

  /// Returns the violations, with what their members sent and received about the room before.
  report() {
    return this.violations.map(({ kind, member, room, text, at }) => {
      const nobody = { log: [], kind: '' };
      const { log, kind: type } = this.members.find(({ name }) => name === member) ?? nobody;
      const before = log.slice(0, at + 1).filter((entry) => concerns(entry, room, log));
      const lines = before.slice(-14).map((entry) => `      ${JSON.stringify(shortened(entry))}`);
      return [`${kind}: ${member} (${type}) in ${room}: ${text}`, ...lines].join('\n');
    });
  }

  /// Leaves the logs in the folder that HUBBUB_CHAOS_LOGS names.
  keepLogs(folder) {
    mkdirSync(folder, { recursive: true });
    const logs = this.members.map(({ name, user, kind, log }) => ({ name, user, kind, log }));
    const { seed, settings, violations } = this;
    const text = JSON.stringify({ seed, settings, violations, logs, histories: [...this.histories] });
    writeFileSync(join(folder, `chaos-${seed}.json`), text);
  }
}

/// What members do, and how often.
const acts = {
  post: 14,
  send: 34,
  edit: 14,
  remove: 4,
  join: 5,
  joinAgain: 8,
  leave: 5,
  drop: 8,
  goodbye: 1,
};

function concerns(entry, room, log) {
  if (['connect', 'disconnect', 'goodbye'].includes(entry.what)) return true;
  if (entry.what !== 'ack') return entry.payload?.room === room;
  const asked = log.find(({ what, number }) => what === 'request' && number === entry.number);
  return asked.payload.room === room;
}

/// Returns the parts of an entry that a reader of a report wants to know.
function shortened({ what, name, number, payload, answer, ...rest }) {
  const brief = ({ seq, rev, content, deleted_at }) =>
    `${seq}@${rev} ${deleted_at ? '(deleted)' : content}`;
  if (what === 'event') return { event: name, ...(payload?.seq ? { is: brief(payload) } : payload) };
  if (what !== 'ack') return { what, number, ...payload, ...rest };
  if (answer.message) return { ack: number, is: brief(answer.message) };
  if (!answer.room) return { ack: number, ...answer };
  const page = answer.messages.map(({ seq, rev }) => `${seq}@${rev}`).join(' ');
  return { ack: number, last_seq: answer.room.last_seq, page, gap: answer.gap };
}

/// Runs the round of a seed; returns the round, with its `violations`.
export async function runRound(seed) {
  const round = new Round(seed);
  await round.open();
  try {
    await round.storm();
    await round.settle();
    await round.check();
  } finally {
    if (process.env.HUBBUB_CHAOS_LOGS) round.keepLogs(process.env.HUBBUB_CHAOS_LOGS);
  }
  await round.close();
  return round;
}

// Listeners and senders, all recoverable. The server is killed again and again, and each client
// ends with every message of the log in order: once, except for the two cases that docs/api.md
// names.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Server, assertSound, freshName, killsWanted, tellKill, within } from './support.mjs';
import { assertContiguous, closeClients, connected, join, openSocket } from './clients.mjs';
import { transportChoices } from './clients.mjs';

afterEach(closeClients);

const people = 200;
const rooms = 4;
const kills = killsWanted(3);
const perSender = Math.max(6, kills);
/// A kill in the middle of an upgrade leaves the JavaScript client silent until its ping time-out
/// (docs/api.md, "What clients do by themselves"). By default that is longer than a wait here, and
/// long enough to be more behind than recovery replays.
const args = ['--ping-interval', '5s', '--ping-timeout', '10s'];

/// Recoverable clients, quick to return, over every transport.
const options = (i, more = {}) => ({
  auth: { username: `person${i}`, recover: true },
  transports: transportChoices[i % transportChoices.length].transports,
  reconnection: true,
  reconnectionDelay: 10,
  reconnectionDelayMax: 200,
  ...more,
});

/// What one client has of its room: events in order of arrival, and acks.
class Witness {
  constructor(socket) {
    this.socket = socket;
    this.events = [];
    this.acked = new Map(); // seq: which connect it was heard over
    this.told = new Map(); // the same of events
    this.connects = 0;
    this.recoveries = 0;
    socket.on('connect', () => {
      ++this.connects;
      if (socket.recovered) ++this.recoveries;
    });
    socket.on('new_message', ({ seq }) => {
      this.events.push(seq);
      this.told.set(seq, this.connects);
    });
    socket.on('gap', (gap) => assert.fail(`a gap: ${JSON.stringify(gap)}`));
  }

  /// True if it may have a message both by an ack and by an event: its ack came after the event, or
  /// was cut off from the offset that confirms it.
  mayHaveBoth(seq) {
    if (!this.acked.has(seq) || !this.told.has(seq)) return false;
    const { at, after } = this.acked.get(seq);
    return after || this.told.get(seq) > at;
  }

  onAck(seq) {
    this.acked.set(seq, { at: this.connects, after: this.told.has(seq) });
  }

  /// Settles when it has the message, by ack or event.
  async has(seq, who) {
    const there = () => this.events.includes(seq) || this.acked.has(seq);
    if (there()) return;
    const came = new Promise((resolve) => {
      this.socket.on('new_message', () => there() && resolve());
    });
    await within(came, () => `message ${seq} at ${who}, which has ${this.events}`);
  }
}

/// Runs `kills` kills while people write; returns what each has seen. A speaker sends its next
/// message when everybody's last one was acked. Otherwise the fast ones would be done while the
/// slow are still reconnecting, and would leave them more behind than recovery replays (1,000
/// messages).
async function ordeal(server, roomNames, more, speak) {
  const witnesses = Array.from({ length: people }, (_, i) => {
    return new Witness(openSocket(server, options(i, more)));
  });
  await Promise.all(witnesses.map(({ socket }) => connected(socket)));
  await Promise.all(
    witnesses.map(({ socket }, i) => join(socket, roomNames[i % rooms], { history: 0 })),
  );
  let acks = 0;
  let waiting = [];
  const acked = (threshold) => new Promise((resolve) => {
    if (acks >= threshold) resolve();
    else waiting.push({ threshold, resolve });
  });
  const onAck = () => {
    ++acks;
    waiting.filter(({ threshold }) => acks >= threshold).forEach(({ resolve }) => resolve());
    waiting = waiting.filter(({ threshold }) => acks < threshold);
  };
  const speakers = witnesses.filter((_, i) => Math.floor(i / rooms) % 2 === 0); // half of each room
  const recite = async (witness, i) => {
    for (let n = 0; n < perSender; ++n) {
      await acked(n * speakers.length);
      const payload = { room: roomNames[i % rooms], content: `${n}`, client_id: `${n}` };
      const { ok, message } = await speak(witness.socket, payload);
      assert.equal(ok, true);
      witness.onAck(message.seq);
      onAck();
    }
  };
  const spoken = Promise.all(speakers.map((each) => recite(each, witnesses.indexOf(each))));
  spoken.catch(() => {}); // it is waited for below
  const total = speakers.length * perSender;
  for (let i = 1; i <= kills; ++i) {
    const due = Math.floor(((i - Math.random()) * total) / (kills + 1));
    await within(Promise.race([acked(due), spoken]), () => `ack ${due}, now ${acks}`, 60_000);
    await server.kill();
    await assertSound(server);
    await server.restart();
    tellKill(i, kills, acks);
  }
  await within(spoken, 'all to be acked', 60_000);
  return witnesses;
}

/// Checks that every witness has everything that was said in its room since it joined: others'
/// messages as events in order, its own as acks or as events. It has nothing both ways except what
/// it repeated after it was replayed, and what an ack said that was cut off from the offset after
/// it.
async function assertWhole(server, roomNames, witnesses) {
  const logs = [];
  for (const name of roomNames) {
    const { id } = (await server.get(`/api/rooms?q=${name}`)).body.rooms[0];
    logs.push(await server.history(id));
    assertContiguous(logs.at(-1), 1);
  }
  for (const [i, witness] of witnesses.entries()) {
    const log = logs[i % rooms];
    await witness.has(log.at(-1).seq, `person${i}`);
    const { events, acked } = witness;
    const seqs = log.map(({ seq }) => seq);
    const wanted = seqs.filter((seq) => !acked.has(seq) || witness.mayHaveBoth(seq));
    assert.deepEqual(events, wanted, `person${i}`);
    assert.equal(witness.recoveries, witness.connects - 1, `person${i} was always recovered`);
  }
}

/// Sends until an ack says ok, or that the session lost its room.
function untilAcked(socket, payload) {
  return new Promise((resolve) => {
    const attempt = () => {
      const again = () => {
        socket.off('disconnect', again);
        if (socket.connected) attempt();
        else socket.once('connect', attempt);
      };
      socket.once('disconnect', again);
      socket.emit('send_message', payload, (ack) => {
        socket.off('disconnect', again);
        if (ack.ok || ack.error.code === 'not_a_member') resolve(ack);
        else attempt();
      });
    };
    attempt();
  });
}

describe(`${people} recoverable clients of a server that is killed ${kills} times`, () => {
  it('all have every message once and in order, sending until they are acked', async () => {
    const server = await Server.start({ args });
    const roomNames = Array.from({ length: rooms }, () => freshName());
    const witnesses = await ordeal(server, roomNames, {}, untilAcked);
    await assertWhole(server, roomNames, witnesses);
    closeClients();
    await server.stop();
  });

  it('the same where the client itself retries', async () => {
    const server = await Server.start({ args });
    const roomNames = Array.from({ length: rooms }, () => freshName());
    const more = { retries: 1_000, ackTimeout: 2_000 };
    const speak = (socket, payload) => socket.emitWithAck('send_message', payload);
    const witnesses = await ordeal(server, roomNames, more, speak);
    await assertWhole(server, roomNames, witnesses);
    closeClients();
    await server.stop();
  });
});

// Clients that are cut off again and again and ask for their sessions back: at once, in the middle of
// being given them, and with other people's ids. What they are given back has no hole.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, join, send } from '../clients.mjs';
import { Tcp, frame, textFrames, upgradeRequest } from '../raw.mjs';
import { sanitized } from '../support.mjs';
import { emptied } from './crowd.mjs';
import { connectionBytes, roomBytes } from './settings.mjs';
import { credentials } from './tokens.mjs';

const clients = 100;
const rounds = 12;
const room = 'a room to come back to';
/// Between two messages, so that all of a storm stays within what a recovery may bring.
const pace = 20;

class Returner {
  constructor(server, from, i) {
    Object.assign(this, { server, from, name: `returns-${i}` });
    this.heard = 0; // the last `seq` that it knows of
    this.recovered = 0;
  }

  /// Connects, with what it knows of its session and of another's.
  async open(pid, offset) {
    const tcp = await Tcp.open(this.server, { from: this.from });
    tcp.write(upgradeRequest('/socket.io/?EIO=4&transport=websocket'));
    const auth = { ...credentials(this.name), recover: true, pid, offset };
    tcp.write(frame(`40${JSON.stringify(auth)}`));
    return tcp;
  }

  /// The first packet that begins so; undefined where the connection ends without it, since an
  /// attempt that was cut off may come in later and take over.
  async first(tcp, start) {
    const found = () => packetsOf(tcp).find((packet) => packet.startsWith(start));
    await tcp.untilOrClosed(() => found() !== undefined);
    return found();
  }

  async comeBack() {
    const tcp = await this.open(this.pid, this.offset);
    const welcome = await this.first(tcp, '40{');
    if (welcome) {
      const { pid } = JSON.parse(welcome.slice(2));
      if (pid === this.pid) ++this.recovered;
      else await this.begin(tcp, pid);
      if (await this.first(tcp, '42["new_message"')) this.listen(tcp);
    }
    await tcp.cutOff();
  }

  /// A session that is new has to join.
  async begin(tcp, pid) {
    Object.assign(this, { pid: undefined, offset: undefined });
    tcp.write(frame(`420["join_room",${JSON.stringify({ room, history: 0 })}]`));
    const ack = await this.first(tcp, '430');
    if (!ack) return;
    const [{ ok, room: joined }] = JSON.parse(ack.slice(3));
    assert.equal(ok, true, ack);
    Object.assign(this, { pid, heard: joined.last_seq });
  }

  /// Whatever came, now or with the connections before, is without a hole and without a repeat.
  listen(tcp) {
    for (const packet of packetsOf(tcp)) {
      if (!packet.startsWith('42["new_message"')) continue;
      const [, { seq }, offset] = JSON.parse(packet.slice(2));
      assert.equal(seq, this.heard + 1, `${this.name} hears ${seq} after ${this.heard}`);
      Object.assign(this, { heard: seq, offset });
    }
  }

  async cutOffWhileComingBack() {
    await (await this.open(this.pid, this.offset)).cutOff();
  }

  async asAnother({ pid, offset }) {
    const tcp = await this.open(pid, offset);
    const welcome = await this.first(tcp, '40{');
    if (pid !== undefined && welcome) assert.notEqual(JSON.parse(welcome.slice(2)).pid, pid);
    await tcp.cutOff();
  }
}

/// The text of all whole frames behind the head of the answer.
function packetsOf(tcp) {
  const end = tcp.bytes.indexOf('\r\n\r\n');
  return end < 0 ? [] : textFrames(tcp.bytes.subarray(end + 4));
}

async function storm(returner, neighbour) {
  for (let round = 0; round < rounds; ++round) {
    await returner.comeBack();
    if (round % 3 === 1) await returner.cutOffWhileComingBack();
    if (round % 3 === 2) await returner.asAnother(neighbour);
  }
}

export const recoveryStorm = {
  title: 'a storm of sessions that want to be given back',
  memory: ({ max_queue_bytes }) =>
    roomBytes + 2 * clients * connectionBytes + clients * max_queue_bytes,
  async run({ server, from }) {
    const talker = await connect(server, { auth: credentials('talks in a storm') });
    await join(talker, room);
    let goOn = true;
    const talk = async () => {
      for (let i = 0; goOn; ++i, await pause(pace)) await send(talker, room, `still here ${i}`);
    };
    const talking = talk();
    const all = Array.from({ length: clients }, (_, i) => new Returner(server, from, i));
    await Promise.all([
      Promise.all(all.map((each, i) => storm(each, all[(i + 1) % clients]))).finally(
        () => (goOn = false),
      ),
      talking,
    ]);
    const recovered = all.reduce((sum, each) => sum + each.recovered, 0);
    // A sanitizer's server may be too slow for most of them, who then begin anew.
    const enough = sanitized ? 1 : clients * (rounds / 2);
    assert.ok(recovered >= enough, `${recovered} times a session was given back`);
    talker.close();
    await emptied(server, room);
  },
};

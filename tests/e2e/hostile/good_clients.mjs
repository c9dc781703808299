// A hundred people who do nothing wrong: they sit in ten rooms, say something now and then, and hear
// what the others say. They use the official client, most by WebSocket, some by long-polling.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, assertContiguous, connect, join, nextEvent, received } from '../clients.mjs';
import { credentials } from './tokens.mjs';

export const people = 100;
const rooms = 10;
/// Between a message's ack and the next one. A pace, not a wait for something.
const pace = 400;

export class GoodClients {
  static async gather(server) {
    const clients = new GoodClients(server);
    await Promise.all(Array.from({ length: people }, (_, i) => clients.arrive(i)));
    clients.talking = clients.members.map((member) => clients.talk(member));
    // What goes wrong meanwhile is told by `finish`.
    clients.talking.forEach((each) => each.catch(() => {}));
    return clients;
  }

  constructor(server) {
    this.server = server;
    this.members = [];
    this.goOn = true;
  }

  async arrive(i) {
    const transports = i % 5 === 0 ? ['polling'] : ['websocket'];
    const socket = await connect(this.server, { auth: credentials(`good-${i}`), transports });
    const room = `good-room-${i % rooms}`;
    const { room: joined } = await join(socket, room);
    this.members.push({ name: `good-${i}`, socket, room, id: joined.id, first: joined.last_seq + 1, own: [] });
  }

  async talk(member) {
    for (let i = 0; this.goOn; ++i) {
      const content = `${member.name} says ${i}`;
      const payload = { room: member.room, content, client_id: `${i}` };
      member.own.push((await ask(member.socket, 'send_message', payload)).message);
      await pause(pace);
    }
  }

  /// Lets them come to an end and fails if any of them was cut off, refused, or missed a message.
  async finish() {
    this.goOn = false;
    await Promise.all(this.talking);
    for (const member of this.members) await this.assertWhole(member);
    const said = this.members.reduce((sum, { own }) => sum + own.length, 0);
    assert.ok(said >= people, `they said ${said}`);
    return said;
  }

  async assertWhole(member) {
    const { name, socket, room, first, own } = member;
    const { last_seq } = (await this.server.get(`/api/rooms/${member.id}`)).body;
    if (!own.some(({ seq }) => seq === last_seq)) {
      await nextEvent(socket, 'new_message', (message) => message.seq === last_seq);
    }
    assert.deepEqual(received(socket, 'disconnect'), [], `${name} was cut off`);
    assert.deepEqual(received(socket, 'error'), [], `${name} was refused something`);
    const heard = [...own, ...received(socket, 'new_message')].sort((a, b) => a.seq - b.seq);
    assert.ok(heard.length > own.length, `${name} heard only itself in ${room}`);
    assertContiguous(heard, first);
    assert.equal(heard.at(-1).seq, last_seq, `${name} has not heard the end of ${room}`);
  }
}

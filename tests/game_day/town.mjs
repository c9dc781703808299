// The people who use the server on a game day: members who stay, visitors who come and go, and a bot
// that posts much. All names are like any others.
import https from 'node:https';
import { io } from 'socket.io-client';
import { inSeconds } from '../e2e/tokens.mjs';

const ROOMS = 6;
const MEMBERS = 30;
const BUSY = 'room-1';

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const words = ['tea', 'rain', 'train', 'late', 'lunch', 'green', 'meeting', 'paper', 'music', 'door'];
const text = (length) => {
  let said = pick(words);
  while (said.length < length) said += ` ${pick(words)}`;
  return said;
};

export class Town {
  #server;
  #sign; // makes tokens of the issuer's present key
  #ca;
  members = [];
  #timers = [];
  #seat = 10;

  constructor(server, { sign, ca }) {
    this.#server = server;
    this.#sign = sign;
    this.#ca = ca;
  }

  /// Has the issuer sign with another key from now on.
  signWith(sign) {
    this.#sign = sign;
  }

  /// Opens a connection of a user, from an address of its own.
  open(user, { from = `127.0.1.${(this.#seat = (this.#seat % 200) + 1)}`, sign = this.#sign, returns = true } = {}) {
    const socket = io(`https://127.0.0.1:${this.#server.port}`, {
      forceNew: true,
      transports: ['websocket'],
      reconnection: returns,
      reconnectionDelay: 300,
      reconnectionDelayMax: 2000,
      agent: new https.Agent({ ca: this.#ca, localAddress: from }),
      auth: (tell) => tell({ token: sign({ sub: user, exp: inSeconds(1800) }), recover: true }),
    });
    // After a refused token the client does not come back by itself.
    const again = (ms) => returns && !socket.active && setTimeout(() => socket.connect(), ms);
    socket.on('connect_error', () => again(2000));
    socket.on('disconnect', (why) => why !== 'io client disconnect' && again(1000));
    return socket;
  }

  async live() {
    for (let i = 0; i < MEMBERS; ++i) {
      const user = `u${String(i + 1).padStart(2, '0')}`;
      const room = `room-${(i % ROOMS) + 1}`;
      const socket = this.open(user);
      socket.on('connect', () => socket.emit('join_room', { room }));
      this.members.push({ user, room, socket });
    }
    await Promise.all(this.members.map(({ socket }) => new Promise((done) => socket.once('connect', done))));
    // What people say: some 20 messages a second.
    this.#every(50, () => {
      const { socket, room } = pick(this.members);
      if (socket.connected) socket.emit('send_message', { room, content: text(80) }, () => {});
    });
    // The bot: reports into the busy room.
    const bot = this.members.find(({ room }) => room === BUSY).socket;
    let waiting = 0;
    this.#every(20, () => {
      if (!bot.connected || waiting > 20) return;
      ++waiting;
      bot.timeout(10_000).emit('send_message', { room: BUSY, content: text(12_000) }, () => --waiting);
    });
    // Visitors: three a second, who say something and go.
    this.#every(330, () => this.#visit());
    // Some members go through a tunnel.
    this.#every(2500, () => pick(this.members.slice(6)).socket.io.engine?.close());
    this.#every(3000, () => {
      const { socket, room } = pick(this.members);
      socket.emit('search_messages', { room, q: pick(words) }, () => {});
    });
  }

  #visit() {
    const room = `room-${2 + Math.floor(Math.random() * (ROOMS - 1))}`;
    const socket = this.open(`v${String(Math.floor(Math.random() * 900) + 100)}`, { returns: false });
    socket.on('connect', () => {
      socket.emit('join_room', { room });
      socket.emit('send_message', { room, content: text(40) }, () => socket.disconnect());
    });
    setTimeout(() => socket.disconnect(), 4000);
  }

  #every(ms, act) {
    this.#timers.push(setInterval(act, ms));
  }

  leave() {
    this.#timers.forEach(clearInterval);
    for (const { socket } of this.members) socket.disconnect();
  }

  get busyRoom() {
    return BUSY;
  }
}

/// Returns how the key of an issuer signs tokens.
export const signer = (issuer, kid) => (claims) => issuer.sign(claims, { kid });

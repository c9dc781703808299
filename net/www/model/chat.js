import { Connection } from './connection.js';
import { Directory } from './directory.js';
import { Emitter } from './emitter.js';
import { HttpApi } from './http_api.js';
import { Outbox } from './outbox.js';
import { Room } from './room.js';
import { Search } from './search.js';

/// One user's chat: the connection, the rooms they are in, and what waits to be sent. Emits
/// `state`, `rooms` (one came, went, or has news), `room` (another one is open) and `refused`.
export class Chat extends Emitter {
  rooms = new Map(); // name → Room
  room; // the one that is open
  #memory;
  #left; // names of rooms that the user left
  #byId = new Map();

  constructor({ identity, info, memory }) {
    super();
    this.identity = identity;
    this.info = info;
    this.#memory = memory.of(identity.userId);
    this.#left = new Set(this.#memory.get('left'));
    this.outbox = new Outbox(this.#memory);
    const api = new HttpApi(identity.auth.token);
    this.directory = new Directory(api, this.offers('read_markers') ? identity.userId : undefined);
    this.search = new Search(api);
    this.connection = new Connection(identity.auth);
    this.connection.on('state', (state) => this.#connectionIs(state));
    this.connection.on('refused', (error) => this.emit('refused', error));
    this.connection.on('event', (name, payload) => this.#heard(name, payload));
    for (const { name, readSeq } of this.#memory.get('rooms') ?? []) this.#add(name, readSeq);
    for (const name of this.outbox.rooms()) this.#add(name);
  }

  /// Whether the server names this among its features.
  offers(feature) {
    return this.info.features.includes(feature);
  }

  get unread() {
    return [...this.rooms.values()].reduce((sum, room) => sum + room.unread, 0);
  }

  /// The room that was open last time.
  get lastOpen() {
    return this.#memory.get('open');
  }

  start() {
    this.connection.open();
  }

  /// What is unread in a room: one that is open here, or one of the directory, if the user has
  /// read in it and has not left it.
  unreadIn(room) {
    if (room === this.room) return 0;
    const isKnown = room instanceof Room || (room.read_seq > 0 && !this.#left.has(room.name));
    return isKnown ? room.unread : 0;
  }

  /// Opens a room, joining it first where need be; `undefined`: none is to be open.
  open(name) {
    if (name === this.room?.name) return;
    if (this.room?.status === 'refused') this.rooms.delete(this.room.name);
    this.room?.close();
    this.room = name === undefined ? undefined : (this.rooms.get(name) ?? this.#add(name));
    this.room?.open();
    if (name !== undefined) this.#memory.set('open', name);
    const isNew = this.room && this.room.id === undefined;
    if (isNew && this.connection.online) this.room.join();
    this.emit('room');
    this.emit('rooms');
  }

  leave(room) {
    room.leave();
    this.#setLeft(room.name, true);
    this.#remove(room);
  }

  #connectionIs(state) {
    if (state === 'online') {
      for (const room of this.rooms.values()) room.join();
      this.directory.start();
    } else {
      for (const room of this.rooms.values()) room.lost();
    }
    this.emit('state');
  }

  #heard(name, payload) {
    if (name === 'token_expired') {
      return this.emit('refused', { code: name, message: 'Your token has expired.' });
    }
    this.#byId.get(payload?.room_id)?.receive(name, payload);
  }

  #add(name, readSeq) {
    if (this.rooms.has(name)) return this.rooms.get(name);
    this.#setLeft(name, false);
    const { connection, outbox } = this;
    const { userId } = this.identity;
    const offers = (feature) => this.offers(feature);
    const room = new Room(name, { connection, outbox, userId, readSeq, offers });
    room.on('status', () => this.#statusOf(room));
    room.on('unread', () => this.#changed());
    this.rooms.set(name, room);
    return room;
  }

  #statusOf(room) {
    if (room.status === 'joined') this.#byId.set(room.id, room);
    this.#changed();
  }

  #remove(room) {
    this.rooms.delete(room.name);
    this.#byId.delete(room.id);
    if (this.room === room) this.open(undefined);
    if (this.lastOpen === room.name) this.#memory.forget('open');
    this.#changed();
  }

  #setLeft(name, isLeft) {
    if (this.#left.has(name) === isLeft) return;
    if (isLeft) this.#left.add(name);
    else this.#left.delete(name);
    this.#memory.set('left', [...this.#left]);
  }

  #changed() {
    const joined = [...this.rooms.values()].filter((room) => room.status !== 'refused');
    const kept = joined.map(({ name, readSeq }) => ({ name, readSeq }));
    this.#memory.set('rooms', kept);
    this.emit('rooms');
  }
}

import { Connection } from './connection.js';
import { Directory } from './directory.js';
import { Emitter } from './emitter.js';
import { HttpApi } from './http_api.js';
import { Outbox } from './outbox.js';
import { FIRST_PAUSE_MS, longer, passes, pause } from './patience.js';
import { Room } from './room.js';
import { Search } from './search.js';

const NO_SUCH_ROOM = { code: 'not_found', message: 'Look at the link again, or create the room.' };

/// One user's chat: the connection, the user's rooms, and messages that wait to be sent. Emits
/// `state`, `rooms` (one came, went, or has changed), `room` (another one is open) and `refused`.
export class Chat extends Emitter {
  rooms = new Map(); // name → Room
  room; // the one that is open
  #memory;
  #left; // names of rooms that the user left
  #byId = new Map();
  #reopened = new Set(); // rooms that are being joined since they seem to be open again
  #unsure = new Set(); // rooms that were asked for by name and that the server may not have

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
    this.directory.watched = () => (this.room?.status === 'closed' ? this.room.id : undefined);
    this.directory.on('changed', () => this.#joinReopened());
    this.connection = new Connection(identity.auth);
    this.connection.on('state', (state) => this.#connectionIs(state));
    this.connection.on('refused', (error) => this.emit('refused', error));
    this.connection.on('event', (name, payload) => this.#heard(name, payload));
    for (const { name, readSeq } of this.#memory.get('rooms') ?? []) this.#add(name, readSeq);
    for (const name of this.outbox.rooms()) this.#add(name);
  }

  /// True if the server names this among its features.
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

  /// The number of unread messages in a room: one that is open here, or one of the directory, if
  /// the user has read in it and has not left it.
  unreadIn(room) {
    if (room === this.room) return 0;
    const isKnown = room instanceof Room || (room.read_seq > 0 && !this.#left.has(room.name));
    return isKnown ? room.unread : 0;
  }

  /// True if nobody may write in a room, one that is open here or one of the directory.
  isClosed(room) {
    return room instanceof Room ? room.status === 'closed' : room.closed;
  }

  /// Opens a room, and joins it first if necessary; `undefined` closes the open one.
  open(name) {
    if (name === this.room?.name) return;
    if (this.room?.status === 'refused') this.rooms.delete(this.room.name);
    this.room?.close();
    this.room = name === undefined ? undefined : (this.rooms.get(name) ?? this.#addUnsure(name));
    this.room?.open();
    if (name !== undefined && !this.isUnsure(this.room)) this.#memory.set('open', name);
    const isOut = this.room?.id === undefined || this.room.status === 'closed';
    if (this.room && isOut && this.connection.online) this.#enter(this.room);
    this.emit('room');
    this.emit('rooms');
  }

  /// True if it is not known yet whether the room exists.
  isUnsure(room) {
    return this.#unsure.has(room);
  }

  /// Joins the open room, which has just been created.
  joinCreated() {
    if (!this.room) return;
    this.#unsure.delete(this.room);
    this.room.join();
  }

  /// Gives these rooms to the same person under another name.
  handOver(userId, memory) {
    const theirs = memory.of(userId);
    const known = new Map((theirs.get('rooms') ?? []).map((room) => [room.name, room]));
    for (const room of this.#memory.get('rooms') ?? [])
      if (!known.has(room.name)) known.set(room.name, room);
    theirs.set('rooms', [...known.values()]);
    if (this.lastOpen !== undefined) theirs.set('open', this.lastOpen);
  }

  leave(room) {
    room.leave();
    this.#setLeft(room.name, true);
    this.#remove(room);
  }

  #connectionIs(state) {
    if (state === 'online') {
      for (const room of this.rooms.values()) this.#enter(room);
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

  // Joining would create it, which a mistyped link should not.
  async #enter(room) {
    for (let wait = FIRST_PAUSE_MS; this.#unsure.has(room); wait = longer(wait)) {
      const { found, error } = await this.directory.find(room.name);
      if (this.rooms.get(room.name) !== room || !this.#unsure.has(room)) return;
      const isWanted = this.outbox.of(room.name).length > 0; // something was written in it
      if (found === false && !isWanted) return room.refuse(NO_SUCH_ROOM);
      if (!error || !passes(error)) this.#isThere(room);
      else await pause(wait);
      if (!this.connection.online) return;
    }
    room.join();
  }

  #isThere(room) {
    this.#unsure.delete(room);
    if (this.room === room) this.#memory.set('open', room.name);
    this.#changed();
  }

  // A link may name a room that never existed.
  #addUnsure(name) {
    const room = this.#add(name);
    const isTooLong = [...name].length > this.info.limits.room_name; // the server will say so
    if (!this.directory.knows(name) && !isTooLong) this.#unsure.add(room);
    return room;
  }

  #add(name, readSeq) {
    if (this.rooms.has(name)) return this.rooms.get(name);
    this.#setLeft(name, false);
    const { connection, outbox } = this;
    const { userId } = this.identity;
    const offers = (feature) => this.offers(feature);
    const look = () => this.directory.look(name);
    const room = new Room(name, { connection, outbox, userId, readSeq, offers, look });
    const known = this.directory.get(name);
    if (known?.closed) room.expectClosed(known);
    room.on('status', () => this.#statusOf(room));
    room.on('unread', () => this.#changed());
    this.rooms.set(name, room);
    return room;
  }

  #statusOf(room) {
    if (room.status === 'joined') this.#byId.set(room.id, room);
    if (room.status === 'joined' || room.status === 'closed')
      this.directory.learn(room.name, { closed: room.status === 'closed' });
    this.#changed();
  }

  // Nobody is told when a room is opened again, since nobody is in it.
  #joinReopened() {
    if (!this.connection.online) return;
    for (const room of this.rooms.values()) {
      const isOpen = this.directory.get(room.name)?.closed === false;
      if (room.status !== 'closed' || !isOpen || this.#reopened.has(room)) continue;
      this.#reopened.add(room);
      room.join().finally(() => this.#reopened.delete(room));
    }
  }

  #remove(room) {
    this.#unsure.delete(room);
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
    const isJoined = (room) => room.status !== 'refused' && !this.isUnsure(room);
    const joined = [...this.rooms.values()].filter(isJoined);
    const kept = joined.map(({ name, readSeq }) => ({ name, readSeq }));
    this.#memory.set('rooms', kept);
    this.emit('rooms');
  }
}

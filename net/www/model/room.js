import { Emitter } from './emitter.js';
import { FIRST_PAGE, History } from './history.js';
import { Members } from './members.js';
import { FIRST_PAUSE_MS, longer, passes, pause } from './patience.js';
import { ReadMarker } from './read_marker.js';
import { Sender } from './sender.js';
import { Typists } from './typists.js';
import { Voice } from './voice.js';

const CLOSED = { code: 'closed', message: 'this room is closed' };

/// A room that the user is in, or wants to be in. `status` is `joining`, `joined`, `closed` (nobody
/// is in it, but it can be read) or `refused`, with the server's `error`. Emits `timeline`,
/// `members`, `typing`, `status`, `voice` (whether the user may write), `unread`, `heard` with a
/// message of somebody else that just came, and `jump` with the `seq` of one that the user wants to
/// see, once it is here.
export class Room extends Emitter {
  status = 'joining';
  error;
  id;
  history;
  members = new Members();
  typists = new Typists(() => this.emit('typing'));
  /// Who closed the room, if that is known.
  closedBy;
  /// The server's history is shorter than what was known here.
  startedOver = false;
  draft = '';
  /// Whether the user is looking at the newest message; the view of the room sets it.
  isSeen = () => false;

  #connection;
  #outbox;
  #userId;
  #offers;
  #look;
  #marker;
  #voice;
  #opened = false;
  #goal;
  #attempt = 0;
  #sender;
  #isClosed = false;

  /// `look()` asks the server's list of rooms for this one, as `Directory.look` does.
  constructor(name, { connection, outbox, userId, readSeq, offers = () => false, look }) {
    super();
    this.name = name;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#userId = userId;
    this.#offers = offers;
    this.#look = look ?? (async () => ({}));
    this.history = new History(this, connection, () => this.#historyChanged());
    this.#marker = new ReadMarker(readSeq, (seq) => this.#tellRead(seq));
    this.#sender = new Sender(this, connection, outbox);
    this.#voice = new Voice(this, connection, () => this.emit('voice'));
  }

  get timeline() {
    return this.history.timeline;
  }

  get readSeq() {
    return this.#marker.seq;
  }

  /// The message after which "new" begins.
  get newAfter() {
    return this.#marker.newAfter;
  }

  get unread() {
    return this.#marker.unread(this.timeline.lastSeq);
  }

  get pending() {
    return this.#outbox.of(this.name);
  }

  /// True if the room's messages can be asked for now.
  get canRead() {
    return this.status === 'joined' || (this.status === 'closed' && this.#connection.online);
  }

  /// True as far as nothing is known that keeps the user from writing.
  get mayWrite() {
    return this.status !== 'closed' && this.silence === undefined;
  }

  /// What keeps the user from writing in a room that is open: see `Voice`.
  get silence() {
    return this.#voice.silence;
  }

  /// Joins, or joins again after a lost connection, and gets what was missed meanwhile. A room that
  /// refuses it since it is closed is only read.
  async join() {
    const attempt = ++this.#attempt;
    for (let wait = FIRST_PAUSE_MS; ; wait = longer(wait)) {
      const wantsMessages = this.#opened || this.timeline.seeded;
      const payload = { room: this.name, history: wantsMessages ? FIRST_PAGE : 0 };
      if (this.timeline.seeded) payload.since = this.timeline.lastSeq;
      const answer = await this.#connection.ask('join_room', payload, (given) => {
        if (given.ok && attempt === this.#attempt) this.#joined(given, wantsMessages);
      });
      if (answer.ok || attempt !== this.#attempt) return;
      const { room, error } = await this.#explain(answer.error);
      if (attempt !== this.#attempt) return;
      if (room?.closed) return this.#readOnly(room);
      // Of several servers, ours may hear a moment later that the room is open again.
      const isLate = room && this.status === 'closed' && wait < 4 * FIRST_PAUSE_MS;
      if (!isLate && !passes(error)) return this.#become('refused', error);
      await pause(wait);
      if (attempt !== this.#attempt) return;
    }
  }

  /// Shows the room as a closed one before it was asked for, since the list of rooms says so.
  expectClosed({ id }) {
    this.id = id;
    this.status = 'closed';
  }

  /// Says that the connection is gone, and the membership with it.
  lost() {
    ++this.#attempt;
    this.history.lost();
    this.#voice.stopped();
    this.typists.clear();
    if (this.status === 'joined') this.#become('joining');
  }

  /// Says that the room cannot be joined, for this reason.
  refuse(error) {
    ++this.#attempt;
    this.#become('refused', error);
  }

  async leave() {
    ++this.#attempt;
    this.typists.clear();
    await this.#connection.ask('leave_room', { room: this.name });
  }

  /// The user looks at the room from now on: its messages are needed, and what is new is marked.
  open() {
    this.#opened = true;
    if (this.unread > 0) this.#marker.newAfter = this.readSeq;
    if (!this.timeline.seeded) this.history.loadNewest();
    this.#voice.attend();
  }

  close() {
    this.#opened = false;
    this.#voice.rest();
    this.#goal = undefined;
    this.isSeen = () => false;
    this.#marker.newAfter = undefined;
  }

  markRead() {
    if (this.#marker.read(this.timeline.lastSeq)) this.emit('unread');
  }

  /// Leads to a message, wherever in the room's history it is; to the next existing one if it is
  /// gone. If the room is not ready for that yet, it happens later.
  async jumpTo(seq) {
    this.#goal = seq;
    if (!this.canRead || !this.timeline.seeded) return;
    this.#goal = undefined;
    const came = this.timeline.find(seq) || (await this.history.loadAround(seq));
    const found = this.timeline.nearest(seq);
    if (came && found) this.emit('jump', found.seq);
    else this.#goal ??= seq;
  }

  send(content) {
    this.#outbox.add(this.name, content);
    this.#voice.stopped();
    this.#marker.newAfter = undefined;
    this.markRead();
    this.emit('timeline');
    this.#sender.run();
  }

  retry(entry) {
    if (this.status === 'closed') return;
    this.#outbox.mark(entry, undefined);
    this.emit('timeline');
    this.#sender.run();
  }

  discard(entry) {
    this.#outbox.remove(entry.clientId);
    this.emit('timeline');
  }

  /// Changes a message of the user. Returns the server's answer, as does `remove`.
  edit({ seq }, content) {
    return this.#revise('edit_message', { room: this.name, seq, content });
  }

  remove({ seq }) {
    return this.#revise('delete_message', { room: this.name, seq });
  }

  /// The user's latest message that is here and can be changed.
  get lastOwn() {
    const { messages } = this.timeline;
    for (let i = messages.length - 1; i >= 0; --i) {
      if (messages[i].user_id === this.#userId && !messages[i].deleted_at) return messages[i];
    }
    return undefined;
  }

  /// Says that the user changed the text in the composer, which may now be empty.
  typed(hasText) {
    this.#voice.typed(hasText);
  }

  /// Finds out whether the user may write here.
  askForVoice() {
    this.#voice.ask();
  }

  async loadMoreMembers() {
    const after = this.members.next;
    await this.#connection.ask('get_members', { room: this.name, after }, (answer) => {
      if (!answer.ok) return;
      this.members.add(answer.members, answer.members_total);
      this.members.next = answer.next ?? undefined;
      this.emit('members');
    });
  }

  /// Handles an event of this room from the server.
  receive(name, payload) {
    switch (name) {
      case 'new_message':
        this.take(payload);
        break;
      case 'message_edited':
      case 'message_deleted':
        this.#renew(payload);
        break;
      case 'read':
        if (this.#marker.readElsewhere(payload.seq)) this.emit('unread');
        break;
      case 'typing':
        this.typists.set(payload);
        break;
      case 'user_joined':
        this.members.add([payload], payload.members_total);
        this.emit('members');
        break;
      case 'user_left':
        this.members.remove([payload], payload.members_total);
        this.typists.set({ ...payload, is_typing: false });
        this.emit('members');
        break;
      case 'presence':
        this.members.remove(payload.left, payload.members_total);
        this.members.add(payload.joined, payload.members_total);
        this.emit('members');
        break;
      case 'muted':
        this.#voice.muted({ ...payload, by: this.#nameOf(payload.by) });
        break;
      case 'unmuted':
        this.#voice.unmuted();
        break;
      case 'room_updated':
        this.#isClosed = payload.closed;
        break;
      case 'kicked':
        this.#kicked(payload);
        break;
      case 'gap':
        this.timeline.lastSeq = Math.max(this.timeline.lastSeq, payload.to_seq);
        this.emit('timeline');
        break;
    }
  }

  #kicked({ by, reason, banned }) {
    this.lost();
    const who = this.#nameOf(by);
    if (this.#isClosed) {
      this.closedBy = who ?? undefined;
      return this.#becomeClosed();
    }
    const deed = banned ? 'banned' : 'removed';
    const what =
      who === null ? 'You are no member of this room any more' : `${who} has ${deed} you`;
    const message = reason === null ? `${what}.` : `${what}: ${reason}`;
    this.#become('refused', { code: 'kicked', message });
  }

  #joined({ room, members, members_total: total, messages, read_seq: readSeq }, wantedMessages) {
    const isReturn = this.id !== undefined;
    if (isReturn) this.#compareHistory(room);
    this.id = room.id;
    this.#isClosed = false;
    this.closedBy = undefined;
    this.#marker.join(room.last_seq, readSeq);
    this.members.reset(members, total);
    for (const message of messages) this.#settle(message);
    this.timeline.merge(messages);
    this.timeline.lastSeq = Math.max(this.timeline.lastSeq, room.last_seq);
    this.timeline.seeded ||= wantedMessages;
    if (this.unread > 0) this.#marker.miss();
    this.#become('joined');
    this.#voice.returned();
    this.emit('members');
    this.emit('timeline');
    this.emit('unread');
    this.#sender.run();
    this.#marker.sync();
    if (isReturn && this.timeline.seeded && this.#offers('edit')) this.history.refresh();
    // It may have been opened while the answer was on its way.
    if (this.#opened && !this.timeline.seeded) this.history.loadNewest();
    if (this.#goal !== undefined) this.jumpTo(this.#goal);
  }

  // What the server's list says of a room that it refuses, since a closed one can be read.
  async #explain(error) {
    if (error.code !== 'forbidden') return { error };
    const { room, error: unknown } = await this.#look();
    return { room, error: unknown && passes(unknown) ? unknown : error };
  }

  #readOnly(room) {
    if (this.id !== undefined) this.#compareHistory(room);
    this.id = room.id;
    this.#marker.join(room.last_seq, room.read_seq);
    this.timeline.lastSeq = Math.max(this.timeline.lastSeq, room.last_seq);
    if (this.unread > 0) this.#marker.miss();
    this.#becomeClosed();
    this.#marker.sync();
    if (this.#opened) this.#catchUp();
    if (this.#goal !== undefined) this.jumpTo(this.#goal);
  }

  #becomeClosed() {
    this.members.reset([], 0);
    for (const entry of this.pending) this.#outbox.mark(entry, CLOSED);
    this.#voice.unmuted();
    this.#become('closed');
    this.emit('members');
    this.emit('timeline');
    this.emit('unread');
  }

  // Without a join nobody tells what was missed.
  async #catchUp() {
    if (!this.timeline.seeded) return this.history.loadNewest();
    const last = this.timeline.messages.at(-1)?.seq ?? 0;
    if (last < this.timeline.lastSeq) await this.history.loadAfter(last);
    if (this.canRead && this.#offers('edit')) this.history.refresh();
  }

  // Numbers never decrease in one history: a lower one means that this is another.
  #compareHistory(room) {
    if (room.id === this.id && room.last_seq >= this.timeline.lastSeq) return;
    this.timeline.clear();
    this.startedOver = true;
    this.#marker.reset();
  }

  /// Takes a stored message of this room: ours or another's, from an event or an ack.
  take(message) {
    this.#settle(message);
    // In a room that was never opened only the count matters.
    if (this.#opened || this.timeline.seeded) this.timeline.merge([message]);
    else this.timeline.lastSeq = Math.max(this.timeline.lastSeq, message.seq);
    const isMine = message.user_id === this.#userId;
    if (isMine && this.readSeq === message.seq - 1) this.#marker.read(message.seq);
    // A new message is either seen at once, or new until it is.
    if (this.isSeen()) this.#marker.read(this.timeline.lastSeq);
    else if (this.unread > 0) this.#marker.miss();
    this.emit('timeline');
    this.emit('unread');
    if (!isMine && message.content) this.emit('heard', message);
  }

  #revise(event, payload) {
    return this.#connection.ask(event, payload, ({ ok, message }) => {
      if (ok) this.#renew(message);
    });
  }

  // A message that is not here is read later, in its state at that time.
  #renew(message) {
    if (this.timeline.find(message.seq) && this.timeline.merge([message])) this.emit('timeline');
  }

  #nameOf(userId) {
    return userId === null ? null : this.members.nameOf(userId);
  }

  #tellRead(seq) {
    if (!this.#offers('read_markers') || !this.canRead) return undefined;
    const asked = this.#connection.ask('mark_read', { room: this.name, seq });
    return asked.then(({ ok, error }) => ok || !passes(error));
  }

  #historyChanged() {
    this.emit('timeline');
    if (this.#goal !== undefined) this.jumpTo(this.#goal);
  }

  // A message of ours that has been stored no longer waits, however we learned of it.
  #settle(message) {
    if (message.client_id && message.user_id === this.#userId)
      this.#outbox.remove(message.client_id);
  }

  #become(status, error) {
    this.status = status;
    this.error = error;
    this.emit('status');
  }
}

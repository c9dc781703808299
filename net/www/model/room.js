import { Emitter } from './emitter.js';
import { FIRST_PAGE, History } from './history.js';
import { Members } from './members.js';
import { FIRST_PAUSE_MS, longer, passes, pause } from './patience.js';
import { Sender } from './sender.js';
import { Typists } from './typists.js';

const TYPING_RENEWAL_MS = 3000;

/// A room that the user is in, or wants to be in. `status` is `joining`, `joined` or `refused`,
/// with the server's `error`. Emits `timeline`, `members`, `typing`, `status`, `unread`, and
/// `heard` with a message of somebody else that came just now.
export class Room extends Emitter {
  status = 'joining';
  error;
  id;
  history;
  members = new Members();
  typists = new Typists(() => this.emit('typing'));
  /// The server's history went back behind what was known here.
  startedOver = false;
  /// The newest message that the user has seen, and the one behind which "new" begins.
  readSeq;
  newAfter;
  draft = '';
  /// Whether the user is looking at the newest message; whoever shows the room sets it.
  isSeen = () => false;

  #connection;
  #outbox;
  #userId;
  #opened = false;
  #attempt = 0;
  #sender;
  #typedAt = 0;

  constructor(name, { connection, outbox, userId, readSeq }) {
    super();
    this.name = name;
    this.readSeq = readSeq;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#userId = userId;
    this.history = new History(this, connection, () => this.emit('timeline'));
    this.#sender = new Sender(this, connection, outbox);
  }

  get timeline() {
    return this.history.timeline;
  }

  get unread() {
    return this.readSeq === undefined ? 0 : Math.max(0, this.timeline.lastSeq - this.readSeq);
  }

  get pending() {
    return this.#outbox.of(this.name);
  }

  /// Joins, or joins again after a lost connection, with what was missed meanwhile.
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
      if (!passes(answer.error)) return this.#become('refused', answer.error);
      await pause(wait);
      if (attempt !== this.#attempt) return;
    }
  }

  /// The connection is gone, and the membership with it.
  lost() {
    ++this.#attempt;
    this.history.lost();
    this.#typedAt = 0;
    this.typists.clear();
    if (this.status === 'joined') this.#become('joining');
  }

  async leave() {
    ++this.#attempt;
    this.typists.clear();
    await this.#connection.ask('leave_room', { room: this.name });
  }

  /// The user looks at the room from now on: its messages are needed, and what is new is marked.
  open() {
    this.#opened = true;
    if (this.unread > 0) this.newAfter = this.readSeq;
    if (!this.timeline.seeded) this.history.loadNewest();
  }

  close() {
    this.#opened = false;
    this.isSeen = () => false;
    this.newAfter = undefined;
  }

  markRead() {
    if (this.unread === 0) return;
    this.readSeq = this.timeline.lastSeq;
    this.emit('unread');
  }

  send(content) {
    this.#outbox.add(this.name, content);
    this.#typedAt = 0;
    this.newAfter = undefined;
    this.markRead();
    this.emit('timeline');
    this.#sender.run();
  }

  retry(entry) {
    this.#outbox.mark(entry, undefined);
    this.emit('timeline');
    this.#sender.run();
  }

  discard(entry) {
    this.#outbox.remove(entry.clientId);
    this.emit('timeline');
  }

  /// The user changed what is in the composer, which may now be empty.
  typed(hasText) {
    if (this.status !== 'joined') return;
    if (hasText && Date.now() - this.#typedAt < TYPING_RENEWAL_MS) return;
    if (!hasText && this.#typedAt === 0) return;
    this.#typedAt = hasText ? Date.now() : 0;
    this.#connection.tell('typing', { room: this.name, is_typing: hasText });
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

  /// An event of this room came from the server.
  receive(name, payload) {
    switch (name) {
      case 'new_message':
        this.take(payload);
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
      case 'gap':
        this.timeline.lastSeq = Math.max(this.timeline.lastSeq, payload.to_seq);
        this.emit('timeline');
        break;
    }
  }

  #joined({ room, members, members_total: total, messages }, wantedMessages) {
    if (this.id !== undefined) this.#compareHistory(room);
    this.id = room.id;
    this.readSeq = Math.min(this.readSeq ?? room.last_seq, room.last_seq);
    this.members.reset(members, total);
    for (const message of messages) this.#settle(message);
    this.timeline.merge(messages);
    this.timeline.lastSeq = Math.max(this.timeline.lastSeq, room.last_seq);
    this.timeline.seeded ||= wantedMessages;
    this.#markNew();
    this.#become('joined');
    this.emit('members');
    this.emit('timeline');
    this.emit('unread');
    this.#sender.run();
    // It may have been opened while the answer was on its way.
    if (this.#opened && !this.timeline.seeded) this.history.loadNewest();
  }

  // Numbers never go back in one history: a lower one means that this is another.
  #compareHistory(room) {
    if (room.id === this.id && room.last_seq >= this.timeline.lastSeq) return;
    this.timeline.clear();
    this.startedOver = true;
    this.readSeq = 0;
    this.newAfter = undefined;
  }

  /// A message of this room was stored: ours or another's, by event or by ack.
  take(message) {
    this.#settle(message);
    // Of a room that was never looked at only the count matters.
    if (this.#opened || this.timeline.seeded) this.timeline.merge([message]);
    else this.timeline.lastSeq = Math.max(this.timeline.lastSeq, message.seq);
    const isMine = message.user_id === this.#userId;
    if (isMine && this.readSeq === message.seq - 1) this.readSeq = message.seq;
    this.#noteNews();
    this.emit('timeline');
    this.emit('unread');
    if (!isMine) this.emit('heard', message);
  }

  // What came is either seen at once, or new until it is. "New" begins where everything had been
  // read.
  #noteNews() {
    if (this.isSeen()) this.readSeq = this.timeline.lastSeq;
    else this.#markNew();
  }

  #markNew() {
    if (this.unread === 0) return;
    if (this.newAfter === undefined || this.readSeq > this.newAfter) this.newAfter = this.readSeq;
  }

  // A message of ours that has been stored is no longer waiting, however we learned of it.
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

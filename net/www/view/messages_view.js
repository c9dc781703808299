import { announce, byId, oncePerFrame } from './dom.js';
import { drawRow } from './message_row.js';
import { buildRows, estimateHeight, isSameRow } from './rows.js';
import { VirtualList } from './virtual_list.js';

const SPOKEN_LETTERS = 300;
const isMessage = (row) => row.kind === 'message' || row.kind === 'pending';

/// The messages of the open room, the button to the newest, and the marking as read.
export class MessagesView {
  #chat;
  #room;
  #stop = [];
  #goal; // the `seq` of the message to show next
  #placed = false; // the room's messages were shown once, at the right place
  #frame = byId('messages');
  #toLatest = byId('to-latest');
  #list;
  #changes;

  /// `edit(message)` and `remove(message)` are called when the user wants that, and `act({ message,
  /// mayChange })` when they want to choose.
  constructor(chat, { edit, remove, act }) {
    this.#chat = chat;
    this.#changes = { edit, remove, act };
    this.#list = new VirtualList(this.#frame, {
      draw: (row) => drawRow(row, this.#actions),
      isSame: isSameRow,
      estimate: estimateHeight,
      holds: isMessage,
      near: (row, isAbove) => this.#near(row, isAbove),
      moved: () => this.#moved(),
    });
    this.refresh = oncePerFrame(() => this.#draw());
    this.#frame.addEventListener('keydown', (event) => this.#key(event));
    this.#toLatest.addEventListener('click', () => this.#goToLatest());
    addEventListener('focus', () => this.#moved());
    document.addEventListener('visibilitychange', () => this.#moved());
    chat.on('room', () => this.#show(chat.room));
  }

  get #actions() {
    const room = this.#room;
    return {
      ...this.#changes,
      loadGap: (gap) => room.history.loadBefore(gap.before),
      retry: (entry) => room.retry(entry),
      discard: (entry) => room.discard(entry),
    };
  }

  #show(room) {
    for (const stop of this.#stop) stop();
    this.#room = room;
    this.#placed = false;
    this.#goal = undefined;
    this.#list.show([], 'end');
    this.#stop = [];
    if (!room) return;
    this.#stop = [
      room.on('timeline', this.refresh),
      room.on('status', this.refresh),
      room.on('voice', this.refresh),
      room.on('unread', () => this.#drawToLatest()),
      room.on('jump', (seq) => this.#jump(seq)),
      room.on('heard', (message) => this.#speak(message)),
    ];
    room.isSeen = () => this.#placed && this.#isWatched && this.#list.atEnd;
    this.refresh();
  }

  get #isWatched() {
    return (
      this.#frame.clientHeight > 0 && document.visibilityState === 'visible' && document.hasFocus()
    );
  }

  #draw() {
    const room = this.#room;
    if (!room) return;
    const { userId, username } = this.#chat.identity;
    const canChange = this.#chat.offers('edit') && room.mayWrite;
    const rows = buildRows(room, { userId, username, canChange });
    this.#frame.setAttribute('aria-busy', String(room.history.loading));
    const anchor = this.#placed ? 'keep' : rows.some((row) => row.kind === 'new') ? 'new' : 'end';
    if (room.timeline.seeded) this.#placed = true;
    if (this.#hasOwnNew(rows)) this.#list.show(rows, 'end');
    else if (this.#goal !== undefined) this.#showGoal(rows);
    else this.#list.show(rows, anchor);
  }

  #jump(seq) {
    this.#goal = seq;
    this.refresh();
  }

  #showGoal(rows) {
    const goal = rows.find((row) => row.message?.seq === this.#goal);
    this.#goal = undefined;
    this.#list.show(rows, goal?.key);
    if (goal) this.#list.point(goal.key);
  }

  // Missing messages are loaded before the reader gets there.
  #near({ kind, gap }, isAbove) {
    const { history } = this.#room;
    if (kind === 'older') history.loadOlder();
    else if (gap?.skipped && !gap.gone) {
      if (isAbove) history.loadBefore(gap.before);
      else history.loadAfter(gap.after);
    }
  }

  // After sending, the user looks at what they sent.
  #lastPending;
  #hasOwnNew(rows) {
    const last = rows.at(-1);
    const pending = last?.kind === 'pending' ? last.key : undefined;
    const isNew = pending !== undefined && pending !== this.#lastPending;
    this.#lastPending = pending;
    return isNew;
  }

  #moved() {
    if (this.#room?.isSeen()) this.#room.markRead();
    this.#drawToLatest();
  }

  #drawToLatest() {
    const unread = this.#room?.unread ?? 0;
    const hadFocus = document.activeElement === this.#toLatest;
    this.#toLatest.hidden = !this.#placed || this.#list.atEnd;
    if (hadFocus && this.#toLatest.hidden) this.#frame.focus();
    const news = unread === 1 ? '1 new message' : `${unread} new messages`;
    byId('to-latest-text').textContent = unread === 0 ? 'Latest messages' : news;
  }

  #goToLatest() {
    this.#list.scrollToEnd();
    this.#frame.focus();
  }

  // From message to message, and from a message back to the list.
  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === 'Escape') this.#frame.focus();
    if (event.key === 'End') this.#list.scrollToEnd();
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#list.neighbour(step, isMessage)?.focus({ preventScroll: true });
  }

  #speak({ username, content }) {
    if (this.#isWatched) announce(`${username}: ${content.slice(0, SPOKEN_LETTERS)}`);
  }
}

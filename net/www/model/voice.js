import { passes } from './patience.js';

const TYPING_RENEWAL_MS = 3000;
const AGAIN_MS = 15_000;

/// Says for the user in one room that they are typing, and knows whether they may write. The server
/// tells of a mute when it begins, when the user joins, and when it is lifted, but not when its
/// time is over. So it is asked again from time to time while the user looks at the room and may
/// not write.
export class Voice {
  /// What keeps the user from writing: `{ by, reason, until }` of a mute, with a time in ms or
  /// `null`, or `{ why }`, the words in which the server refused. `undefined` if nothing is known.
  silence;
  #room;
  #connection;
  #changed;
  #timer;
  #isAttended = false;
  #typedAt = 0;

  /// `changed()` is called when `silence` is another one.
  constructor(room, connection, changed) {
    this.#room = room;
    this.#connection = connection;
    this.#changed = changed;
  }

  /// Says that the user changed the text in the composer, which may now be empty.
  typed(hasText) {
    if (this.#room.status !== 'joined') return;
    if (hasText && Date.now() - this.#typedAt < TYPING_RENEWAL_MS) return;
    if (!hasText && this.#typedAt === 0) return;
    this.#typedAt = hasText ? Date.now() : 0;
    this.#tell(hasText);
  }

  /// Says that nobody takes the user for typing any more.
  stopped() {
    this.#typedAt = 0;
  }

  muted({ by, reason, until }) {
    this.stopped();
    this.#become({ by, reason, until: until === null ? null : Date.parse(until) });
  }

  unmuted() {
    this.#become(undefined);
  }

  /// Finds out whether the user may write: who may not must not even say that they do not type.
  ask() {
    if (this.#room.status === 'joined') this.#tell(false);
  }

  /// Says that the room was joined anew: meanwhile what is known may have ended unheard.
  returned() {
    if (this.silence) this.ask();
  }

  /// Finds out whether what is known still holds, and goes on doing so until `rest`.
  attend() {
    this.#isAttended = true;
    if (this.#mayEndUntold) this.ask();
  }

  rest() {
    this.#isAttended = false;
    clearTimeout(this.#timer);
  }

  #tell(isTyping) {
    const payload = { room: this.#room.name, is_typing: isTyping };
    this.#connection.ask('typing', payload, (answer) => this.#heed(answer));
  }

  #heed({ ok, error }) {
    if (ok) this.#become(undefined);
    else if (error.code === 'forbidden') this.#become(this.silence ?? { why: error.message });
    else if (passes(error)) this.#askLater();
  }

  #become(silence) {
    const isNew = silence !== this.silence;
    this.silence = silence;
    this.#askLater();
    if (isNew) this.#changed();
  }

  // The end of a mute without a time is told.
  get #mayEndUntold() {
    return this.silence !== undefined && this.silence.until !== null;
  }

  #askLater() {
    clearTimeout(this.#timer);
    if (!this.#isAttended || !this.#mayEndUntold) return;
    const left = (this.silence.until ?? 0) - Date.now();
    this.#timer = setTimeout(() => this.ask(), left > 0 ? Math.min(left, AGAIN_MS) : AGAIN_MS);
  }
}

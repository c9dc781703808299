import { pause } from './patience.js';

const PAUSE_MS = 2000;

/// How far the user has read a room, and where "new" begins. A server that keeps such markers is
/// told, but not with every message, and tells in turn, since the user may read elsewhere too.
export class ReadMarker {
  /// The newest message that the user has seen; unknown before the first join of the room.
  seq;
  /// The message after which "new" begins.
  newAfter;
  #tell;
  #toldSeq = 0;
  #busy = false;

  /// `tell(seq)` tells the server. It returns a promise of whether the server need not be told
  /// again, or nothing if that is not possible now.
  constructor(seq, tell) {
    this.seq = seq;
    this.#tell = tell;
  }

  unread(lastSeq) {
    return this.seq === undefined ? 0 : Math.max(0, lastSeq - this.seq);
  }

  /// Says that the room was joined. If nothing is marked anywhere, existing messages are not new.
  join(lastSeq, serverSeq = 0) {
    const known = serverSeq > 0 ? Math.max(this.seq ?? 0, serverSeq) : this.seq;
    this.seq = Math.min(known ?? lastSeq, lastSeq);
    this.#toldSeq = serverSeq;
  }

  /// Says that the user has seen the room up to `seq`. Returns false if that was known.
  read(seq) {
    if (seq <= this.seq) return false;
    this.seq = seq;
    this.sync();
    return true;
  }

  /// Says that the user read on another page, as the server reports.
  readElsewhere(seq) {
    this.#toldSeq = Math.max(this.#toldSeq, seq);
    return this.read(seq);
  }

  /// Says that a message came unseen: "new" begins where everything had been read.
  miss() {
    if (this.newAfter === undefined || this.seq > this.newAfter) this.newAfter = this.seq;
  }

  /// Says that the room's history is another one.
  reset() {
    this.seq = 0;
    this.newAfter = undefined;
  }

  /// Tells the server what it does not know, and after a pause what it does not know then.
  async sync() {
    const { seq } = this;
    if (this.#busy || seq <= this.#toldSeq) return;
    const told = this.#tell(seq);
    if (!told) return;
    this.#busy = true;
    if (await told) this.#toldSeq = Math.max(this.#toldSeq, seq);
    await pause(PAUSE_MS);
    this.#busy = false;
    this.sync();
  }
}

import { pause } from './patience.js';

const PAUSE_MS = 2000;

/// How far the user has read a room, and where "new" begins. A server that keeps such markers is
/// told, but not with every message, and is heard: the user may read elsewhere too.
export class ReadMarker {
  /// The newest message that the user has seen; unknown before the room was joined once.
  seq;
  /// The message behind which "new" begins.
  newAfter;
  #tell;
  #toldSeq = 0;
  #busy = false;

  /// `tell(seq)` tells the server: a promise of whether it need not be told again, or nothing
  /// where that is not possible now.
  constructor(seq, tell) {
    this.seq = seq;
    this.#tell = tell;
  }

  unread(lastSeq) {
    return this.seq === undefined ? 0 : Math.max(0, lastSeq - this.seq);
  }

  /// The room was joined. To whom nothing is marked anywhere, what is there is not new.
  join(lastSeq, serverSeq = 0) {
    const known = serverSeq > 0 ? Math.max(this.seq ?? 0, serverSeq) : this.seq;
    this.seq = Math.min(known ?? lastSeq, lastSeq);
    this.#toldSeq = serverSeq;
  }

  /// The user has seen the room up to `seq`. False: that was known.
  read(seq) {
    if (seq <= this.seq) return false;
    this.seq = seq;
    this.sync();
    return true;
  }

  /// They did so on another page, as the server says.
  readElsewhere(seq) {
    this.#toldSeq = Math.max(this.#toldSeq, seq);
    return this.read(seq);
  }

  /// Something came, and nobody looked: "new" begins where everything had been read.
  miss() {
    if (this.newAfter === undefined || this.seq > this.newAfter) this.newAfter = this.seq;
  }

  /// The room's history is another one.
  reset() {
    this.seq = 0;
    this.newAfter = undefined;
  }

  /// Tells the server what it does not know, and after a pause what it then does not know.
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

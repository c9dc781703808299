import { FIRST_PAUSE_MS, pause } from './patience.js';
import { Timeline } from './timeline.js';

export const FIRST_PAGE = 50;
const PAGE = 200;

/// A room's messages, and the requests for missing ones: one request at a time; answers that belong
/// to a lost connection are ignored. `changed()` is called after every step.
export class History {
  timeline = new Timeline();
  loading = false;
  #room;
  #connection;
  #changed;
  #asked = 0;

  constructor(room, connection, changed) {
    this.#room = room;
    this.#connection = connection;
    this.#changed = changed;
  }

  /// Says that the answer to any request will not come.
  lost() {
    ++this.#asked;
    this.loading = false;
  }

  async loadNewest() {
    if (this.loading || !this.#room.canRead) return;
    const answer = await this.#ask({ limit: FIRST_PAGE });
    if (!answer) return;
    this.timeline.seeded = true;
    this.timeline.merge(answer.messages);
    this.timeline.hasOlder = answer.has_more;
    this.#changed();
  }

  /// Reads the newest messages again, since those that are here may have been changed meanwhile.
  async refresh() {
    const answer = await this.#ask({ limit: PAGE });
    if (!answer) return;
    this.timeline.merge(answer.messages.filter(({ seq }) => this.timeline.find(seq)));
    this.#changed();
  }

  loadOlder() {
    const { seeded, hasOlder, firstSeq } = this.timeline;
    if (!seeded) this.loadNewest();
    else if (hasOlder) this.loadBefore(firstSeq);
  }

  /// Loads what comes just before `seq`: older history, or the end of a gap.
  async loadBefore(seq) {
    if (this.loading || !this.#room.canRead) return;
    const answer = await this.#ask({ before: seq, limit: PAGE });
    if (!answer) return;
    this.timeline.mergeBefore(seq, answer);
    this.#changed();
  }

  /// Loads what comes just after `seq`: the beginning of a gap.
  async loadAfter(seq) {
    if (this.loading || !this.#room.canRead) return;
    const answer = await this.#ask({ after: seq, limit: PAGE });
    if (!answer) return;
    this.timeline.mergeAfter(seq, answer);
    this.#changed();
  }

  /// Loads a message and those around it, wherever it is. Returns false if it did not come.
  async loadAround(seq) {
    const answer = await this.#ask({ around: seq, limit: FIRST_PAGE });
    if (!answer) return false;
    this.timeline.mergeAround(answer);
    this.#changed();
    return true;
  }

  async #ask(query) {
    const asked = ++this.#asked;
    this.loading = true;
    this.#changed();
    const answer = await this.#connection.ask('get_messages', { room: this.#room.name, ...query });
    if (asked === this.#asked && !answer.ok) await pause(FIRST_PAUSE_MS);
    if (asked !== this.#asked) return undefined;
    this.loading = false;
    if (answer.ok) return answer;
    this.#changed();
    return undefined;
  }
}

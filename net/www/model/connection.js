import { io } from '../socket.io.esm.min.js';
import { below } from './base.js';
import { Emitter } from './emitter.js';

const ANSWER_MS = 10_000;
const NO_ANSWER = {
  ok: false,
  error: { code: 'no_answer', message: 'The server did not answer.' },
};

/// The socket and its state: `connecting` (before the first time), `online`, `offline` (and trying
/// again) or `ended` (the server wants no more). Emits `state`, `refused` with the server's reason,
/// and `event` with the name and payload of whatever comes.
export class Connection extends Emitter {
  state = 'connecting';
  #socket;

  constructor(auth) {
    super();
    this.#socket = io({
      auth,
      path: below('socket.io/'),
      autoConnect: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      forceNew: true,
    });
    this.#socket.on('connect', () => this.#become('online'));
    this.#socket.on('disconnect', () => this.#become(this.#socket.active ? 'offline' : 'ended'));
    this.#socket.on('connect_error', (error) => this.#failed(error));
    this.#socket.onAny((name, ...args) => {
      // An event of the program around the server that is stored is a message, its last argument.
      const stored = args.findLast((each) => each?.event === name && each.seq);
      if (stored) this.emit('event', 'new_message', stored);
      else this.emit('event', name, args[0]);
    });
    addEventListener('online', () => this.#hurry());
  }

  get online() {
    return this.state === 'online';
  }

  open() {
    this.#socket.connect();
  }

  close() {
    this.#socket.disconnect();
  }

  /// Sends a request and returns the answer, which is `{ ok: false, error }` if none came. Nothing
  /// is sent while there is no connection: the caller repeats what should survive that. `heed` is
  /// called with the answer before anything that the server sent after it is handled; code that
  /// awaits the promise may run later.
  ask(event, payload, heed = () => {}) {
    return new Promise((resolve) => {
      const answered = (answer) => {
        heed(answer);
        resolve(answer);
      };
      if (!this.online) return answered(NO_ANSWER);
      const waiting = this.#socket.timeout(ANSWER_MS);
      waiting.emit(event, payload, (late, answer) => answered(late ? NO_ANSWER : answer));
    });
  }

  /// Sends something that may be lost.
  tell(event, payload) {
    if (this.online) this.#socket.emit(event, payload);
  }

  /// Tries to connect now, without waiting for the next attempt.
  retry() {
    if (this.online) return;
    this.#socket.disconnect().connect();
  }

  // The network is back, so there is no reason to pause between attempts.
  #hurry() {
    if (this.state === 'offline') this.retry();
  }

  #failed(error) {
    if (this.#socket.active) {
      if (this.state !== 'connecting') this.#become('offline');
      return;
    }
    this.#become('ended');
    const reason = error.data ?? { code: 'refused', message: error.message };
    this.emit('refused', reason);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit('state', state);
  }
}

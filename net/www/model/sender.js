import { FIRST_PAUSE_MS, longer, passes, pause } from './patience.js';

/// Sends what waits in one room: one message at a time, so that a retry cannot overtake earlier
/// ones, each until the server has it or refuses it for good.
export class Sender {
  #room;
  #connection;
  #outbox;
  #running = false;

  constructor(room, connection, outbox) {
    this.#room = room;
    this.#connection = connection;
    this.#outbox = outbox;
  }

  /// Sends until nothing waits or the room is lost; call it whenever that may have changed.
  async run() {
    if (this.#running) return;
    this.#running = true;
    let wait = FIRST_PAUSE_MS;
    while (this.#room.status === 'joined') {
      const entry = this.#room.pending.find((each) => !each.error);
      if (!entry) break;
      const error = await this.#send(entry);
      if (!error) {
        wait = FIRST_PAUSE_MS;
      } else if (this.#room.status === 'joined') {
        await pause(error.retry_after_ms ?? wait);
        wait = longer(wait);
      }
    }
    this.#running = false;
  }

  /// Returns the error if it may pass.
  async #send(entry) {
    const payload = { room: this.#room.name, content: entry.content, client_id: entry.clientId };
    const { error } = await this.#connection.ask('send_message', payload, ({ ok, message }) => {
      if (ok) this.#room.take(message);
    });
    if (error && passes(error)) return error;
    if (error) {
      this.#outbox.mark(entry, error);
      this.#room.emit('timeline');
      if (error.code === 'forbidden') this.#room.askForVoice();
    } else {
      this.#outbox.remove(entry.clientId);
    }
    return undefined;
  }
}

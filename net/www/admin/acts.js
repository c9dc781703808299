import { byId } from '../view/dom.js';

/// What somebody on call may do: to a user, and to the server.
export class ActsView {
  #api;
  #user = byId('act-user');
  #room = byId('act-room');
  #reason = byId('act-reason');

  constructor() {
    byId('acts').onsubmit = (event) => event.preventDefault();
    byId('act-disconnect').onclick = () => this.#disconnect();
    byId('act-kick').onclick = () =>
      this.#inRoom(async (room, user, reason) => {
        const { error, kicked } = await this.#api.kick(room, user, reason);
        return { error, done: `${user} was kicked: ${sockets(kicked)}.` };
      });
    byId('act-mute').onclick = () => this.#put('mutes', 'muted');
    byId('act-ban').onclick = () => this.#put('bans', 'banned');
    this.#prepareDrain();
  }

  /// Uses the key of this API from now on.
  use(api) {
    this.#api = api;
    this.#say('');
  }

  pickUser(id) {
    this.#user.value = id;
    this.#user.focus();
  }

  pickRoom(id) {
    this.#room.value = String(id);
    this.#room.focus();
  }

  async #disconnect() {
    const user = this.#named(this.#user, 'Whom? Fill in a user_id.');
    if (user === undefined) return;
    const { error, disconnected } = await this.#api.disconnect(user);
    this.#tell({ error, done: `${user} was disconnected: ${sockets(disconnected)}.` });
  }

  #put(list, word) {
    return this.#inRoom(async (room, user, reason) => {
      const { error } = await this.#api.put(list, room, user, reason);
      return { error, done: `${user} is ${word} in room ${room}.` };
    });
  }

  async #inRoom(act) {
    const user = this.#named(this.#user, 'Whom? Fill in a user_id.');
    if (user === undefined) return;
    const name = this.#named(this.#room, 'In which room? Fill in its name or id.');
    if (name === undefined) return;
    const { error, id } = await this.#find(name);
    if (error) return this.#tell({ error });
    const reason = this.#reason.value.trim();
    this.#tell(await act(id, user, reason === '' ? undefined : reason));
  }

  /// Returns a room's id; digits are an id, anything else is a name.
  async #find(name) {
    if (/^\d{1,18}$/.test(name)) return { id: name };
    const { error, rooms } = await this.#api.rooms(name);
    if (error) return { error };
    const found = rooms.find((each) => each.name === name);
    return found ? { id: found.id } : { error: { message: `There is no room ${name}.` } };
  }

  /// Returns what a field holds; asks for it if that is nothing.
  #named(field, question) {
    const text = field.value.trim();
    if (text !== '') return text;
    this.#say(question, 'failed');
    field.focus();
    return undefined;
  }

  #tell({ error, done }) {
    if (error) this.#say(error.message, 'failed');
    else this.#say(done);
  }

  #say(text, state = 'done') {
    byId('act-result').textContent = text;
    byId('act-result').dataset.state = state;
  }

  #prepareDrain() {
    const dialog = byId('drain-dialog');
    byId('drain').onclick = () => {
      byId('drain-error').textContent = '';
      dialog.showModal();
    };
    byId('drain-cancel').onclick = () => dialog.close();
    byId('drain-form').onsubmit = async (event) => {
      event.preventDefault();
      const { error } = await this.#api.drain();
      if (error) byId('drain-error').textContent = error.message;
      else dialog.close();
    };
  }
}

const sockets = (number) => (number === 1 ? '1 connection' : `${number} connections`);

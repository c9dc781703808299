import { byId } from './dom.js';
import { go, hrefOf } from './route.js';

/// The dialog for a new room. The server's objection is shown beside the field.
export class NewRoomView {
  #chat;
  #dialog = byId('new-room-dialog');
  #field = byId('new-room-name');
  #error = byId('new-room-error');

  constructor(chat) {
    this.#chat = chat;
    byId('new-room').addEventListener('click', () => this.open(''));
    byId('new-room-cancel').addEventListener('click', () => this.#dialog.close());
    this.#field.addEventListener('input', () => this.#complain(''));
    byId('new-room-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#create();
    });
  }

  open(name) {
    this.#field.value = name;
    this.#complain('');
    this.#dialog.showModal();
    this.#field.focus();
  }

  async #create() {
    const name = this.#field.value.trim();
    if (name === '') return this.#complain('A room needs a name.');
    const longest = this.#chat.info.limits.room_name;
    if ([...name].length > longest) return this.#complain(`At most ${longest} characters.`);
    const { error, name: created } = await this.#chat.directory.create(name);
    if (error) return this.#complain(this.#sentence(error));
    this.#dialog.close();
    if (location.hash === hrefOf(created)) this.#chat.joinCreated();
    go(hrefOf(created));
  }

  #sentence({ code, message }) {
    return code === 'already_exists' ? 'There is a room of this name already.' : message;
  }

  #complain(text) {
    this.#error.textContent = text;
    this.#field.setAttribute('aria-invalid', String(text !== ''));
    if (text !== '') this.#field.focus();
  }
}

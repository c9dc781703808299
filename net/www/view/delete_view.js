import { byId } from './dom.js';

const EXCERPT_LETTERS = 200;

/// Asks before a message is deleted for good.
export class DeleteView {
  #chat;
  #room;
  #message;
  #row; // from which it was asked
  #dialog = byId('delete-dialog');
  #error = byId('delete-error');

  constructor(chat) {
    this.#chat = chat;
    byId('delete-cancel').addEventListener('click', () => this.#dialog.close());
    byId('delete-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#remove();
    });
    this.#dialog.addEventListener('close', () => this.#giveFocusBack());
  }

  open(message) {
    this.#room = this.#chat.room;
    this.#message = message;
    this.#row = document.activeElement.closest('article');
    this.#error.textContent = '';
    byId('delete-excerpt').textContent = [...message.content].slice(0, EXCERPT_LETTERS).join('');
    this.#dialog.showModal();
    byId('delete-cancel').focus();
  }

  async #remove() {
    const { error } = await this.#room.remove(this.#message);
    if (error) this.#error.textContent = error.message;
    else this.#dialog.close();
    this.#giveFocusBack();
  }

  // The button that had it is hidden by now, and the row may be another one.
  #giveFocusBack() {
    const { activeElement } = document;
    if (this.#dialog.open) return;
    if (activeElement !== document.body && !this.#dialog.contains(activeElement)) return;
    (this.#row?.isConnected ? this.#row : byId('messages')).focus({ preventScroll: true });
  }
}

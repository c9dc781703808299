import { announce, byId } from './dom.js';
import { hrefOfMessage } from './route.js';

/// The actions for one message, on devices without a pointer that hovers: a sheet to choose from.
export class ActionsView {
  #chat;
  #message;
  #row; // from which it was asked
  #dialog = byId('actions-dialog');

  /// `edit(message)` and `remove(message)` are called when the user wants that.
  constructor(chat, { edit, remove }) {
    this.#chat = chat;
    const choices = {
      'action-copy': () => this.#copy(this.#message.content, 'The text was copied.'),
      'action-link': () => this.#copy(this.#link(), 'The link was copied.'),
      'action-edit': () => edit(this.#message),
      'action-delete': () => remove(this.#message),
      'action-cancel': () => {},
    };
    for (const [id, choose] of Object.entries(choices)) {
      byId(id).addEventListener('click', () => {
        this.#dialog.close();
        choose();
      });
    }
    // A tap beside the sheet closes it.
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener('close', () => this.#giveFocusBack());
  }

  open({ message, mayChange }) {
    this.#message = message;
    this.#row = document.activeElement.closest('article');
    byId('actions-title').textContent = `Message from ${message.username}`;
    for (const id of ['action-edit', 'action-delete']) byId(id).hidden = !mayChange;
    // Browsers have no clipboard for pages that came unencrypted.
    for (const id of ['action-copy', 'action-link']) byId(id).hidden = !navigator.clipboard;
    this.#dialog.showModal();
  }

  #link() {
    const { room } = this.#chat;
    return new URL(hrefOfMessage(room.name, this.#message.seq), location.href).href;
  }

  async #copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      announce(done);
    } catch {
      announce('The browser does not allow that.');
    }
  }

  // The row may have been drawn anew meanwhile.
  #giveFocusBack() {
    if (document.activeElement !== document.body) return;
    (this.#row?.isConnected ? this.#row : byId('messages')).focus({ preventScroll: true });
  }
}

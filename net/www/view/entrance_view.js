import { byId } from './dom.js';

/// The first view: asks for a name, or for a token if the server wants one.
export class EntranceView {
  #info;
  #enter;
  #field = byId('entrance-value');

  /// `enter(value)` is called with a name or a token that may be valid.
  constructor(info, enter) {
    this.#info = info;
    this.#enter = enter;
    this.#field.addEventListener('input', () => this.#complain(''));
    byId('entrance-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  show({ value = '', room, error = '' }) {
    const wantsToken = this.#info.auth === 'token';
    byId('entrance-label').textContent = wantsToken ? 'Your token' : 'Your name';
    this.#field.autocomplete = wantsToken ? 'off' : 'nickname';
    byId('entrance-lead').textContent =
      room === undefined ? 'A place to talk.' : `You are about to join ${room}.`;
    this.#field.value = value;
    byId('app').hidden = true;
    byId('entrance').hidden = false;
    document.title = 'Hubbub';
    this.#complain(error);
    this.#field.focus();
  }

  hide() {
    byId('entrance').hidden = true;
    byId('app').hidden = false;
  }

  #submit() {
    const value = this.#field.value.trim();
    const longest = this.#info.limits.username;
    const wantsToken = this.#info.auth === 'token';
    if (value === '')
      return this.#complain(wantsToken ? 'A token is needed.' : 'A name is needed.');
    if (!wantsToken && [...value].length > longest)
      return this.#complain(`At most ${longest} characters.`);
    this.#enter(value);
  }

  #complain(text) {
    byId('entrance-error').textContent = text;
    this.#field.setAttribute('aria-invalid', String(text !== ''));
    if (text !== '') this.#field.focus();
  }
}

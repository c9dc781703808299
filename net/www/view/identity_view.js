import { byId } from './dom.js';

/// Shows who the user is, with the dialog to become somebody else: by another name, or, if the
/// server wants a token, by leaving.
export class IdentityView {
  #chat;
  #become;
  #wantsToken;
  #dialog = byId('identity-dialog');
  #field = byId('identity-name');
  #error = byId('identity-error');

  /// `become(name)` is called with another name, `become()` when a token is to be forgotten.
  constructor(chat, become) {
    this.#chat = chat;
    this.#become = become;
    this.#wantsToken = chat.info.auth === 'token';
    const label = this.#wantsToken ? 'Sign out' : 'Change name';
    byId('change-identity').setAttribute('aria-label', label);
    byId('change-identity').title = label;
    byId('identity-title').textContent = this.#wantsToken ? 'Sign out?' : 'Change your name';
    byId('identity-field').hidden = this.#wantsToken;
    byId('identity-done').textContent = this.#wantsToken ? 'Sign out' : 'Change';
    byId('change-identity').addEventListener('click', () => this.#open());
    byId('identity-cancel').addEventListener('click', () => this.#dialog.close());
    this.#field.addEventListener('input', () => this.#complain(''));
    byId('identity-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #open() {
    this.#field.value = this.#chat.identity.username;
    byId('identity-note').textContent = this.#note();
    this.#complain('');
    this.#dialog.showModal();
    if (this.#wantsToken) byId('identity-cancel').focus();
    else this.#field.select();
  }

  #note() {
    if (this.#wantsToken) return 'To come back you need your token again.';
    const { size } = this.#chat.outbox;
    const waiting = size === 0 ? '' : ' What waits to be sent stays with the old one.';
    return `You stay in your rooms. What you have written keeps the old name.${waiting}`;
  }

  #submit() {
    if (this.#wantsToken) return this.#become();
    const name = this.#field.value.trim();
    const longest = this.#chat.info.limits.username;
    if (name === '') return this.#complain('A name is needed.');
    if ([...name].length > longest) return this.#complain(`At most ${longest} characters.`);
    if (name === this.#chat.identity.username) return this.#dialog.close();
    this.#become(name);
  }

  #complain(text) {
    this.#error.textContent = text;
    this.#field.setAttribute('aria-invalid', String(text !== ''));
    if (text !== '') this.#field.focus();
  }
}

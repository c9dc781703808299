import { byId, element, focusFirst } from './dom.js';

/// Says when the page does not show the present state, and nothing otherwise.
export class BannerView {
  #chat;
  #banner = byId('banner');

  constructor(chat) {
    this.#chat = chat;
    chat.on('state', () => this.refresh());
    chat.outbox.on('changed', () => this.refresh());
    this.refresh();
  }

  refresh() {
    const { state } = this.#chat.connection;
    const text = this.#text(state);
    byId('app').dataset.state = state;
    byId('my-state').textContent =
      { online: 'online', connecting: 'connecting…' }[state] ?? 'offline';
    if (this.#banner.dataset.text === text) return;
    const hadFocus = this.#banner.contains(document.activeElement);
    this.#banner.dataset.text = text;
    this.#banner.replaceChildren(
      ...(text === '' ? [] : [element('span', {}, text), this.#button()]),
    );
    const retry = this.#banner.querySelector('button');
    if (hadFocus) focusFirst(...(retry ? [retry] : []), byId('content'), byId('messages'));
  }

  #text(state) {
    if (state === 'online') return '';
    if (state === 'connecting') return 'Connecting…';
    if (state === 'ended') return 'The server ended the connection.';
    const { size } = this.#chat.outbox;
    const waiting =
      size === 0
        ? ''
        : size === 1
          ? ' One message waits to be sent.'
          : ` ${size} messages wait to be sent.`;
    return `No connection; trying again.${waiting}`;
  }

  #button() {
    const onclick = () => this.#chat.connection.retry();
    return element('button', { type: 'button', onclick }, 'Try now');
  }
}

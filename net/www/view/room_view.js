import { byId, element } from './dom.js';
import { hrefOf, hrefOfSearch } from './route.js';

/// The head of the open room, and what stands in its place where there is none.
export class RoomView {
  #chat;
  #stop = () => {};
  #createRoom;

  /// `createRoom(name)` opens the dialog for a new one.
  constructor(chat, createRoom) {
    this.#chat = chat;
    this.#createRoom = createRoom;
    chat.on('room', () => this.#show());
    byId('leave-room').addEventListener('click', () => this.#leave());
    this.#show();
  }

  #show() {
    const { room } = this.#chat;
    this.#stop();
    this.#stop = room?.on('status', () => this.#draw()) ?? (() => {});
    this.#draw();
  }

  #draw() {
    const { room } = this.#chat;
    const isRefused = room?.status === 'refused';
    byId('room-title').textContent = room?.name ?? 'Welcome';
    byId('leave-room').hidden = !room || isRefused;
    byId('show-members').hidden = !room || isRefused;
    if (room) {
      byId('show-members').href = hrefOf(room.name, 'members');
      byId('members-back').href = hrefOf(room.name);
    }
    byId('show-search').href = hrefOfSearch(room?.name);
    byId('search-back').href = room ? hrefOf(room.name) : '#/';
    byId('talk').hidden = !room || isRefused;
    byId('messages').setAttribute('aria-label', `Messages in ${room?.name ?? ''}`);
    const notice = byId('room-notice');
    notice.hidden = Boolean(room) && !isRefused;
    if (isRefused) notice.replaceChildren(...this.#refusal(room));
    else if (!room) notice.replaceChildren(...this.#welcome());
  }

  #refusal({ name, error }) {
    const title =
      error.code === 'kicked' ? 'You are out of this room' : 'This room cannot be joined';
    const heading = element('h2', {}, title);
    const reason = element('p', {}, error.message);
    if (error.code !== 'not_found') return [heading, reason];
    const onclick = () => this.#createRoom(name);
    return [
      heading,
      reason,
      element('button', { type: 'button', className: 'primary', onclick }, 'Create it'),
    ];
  }

  #welcome() {
    const onclick = () => this.#createRoom('');
    return [
      element('h2', {}, `Hello, ${this.#chat.identity.username}`),
      element('p', {}, 'Choose a room to read and write, or open a new one.'),
      element('button', { type: 'button', className: 'primary', onclick }, 'New room'),
    ];
  }

  #leave() {
    const { room } = this.#chat;
    location.hash = '#/';
    this.#chat.leave(room);
    byId('rooms-title').focus();
  }
}

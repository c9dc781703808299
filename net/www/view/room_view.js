import { announce, byId, element } from './dom.js';
import { go, hrefOf, hrefOfSearch } from './route.js';

/// The head of the open room, and what is shown instead if there is none.
export class RoomView {
  #chat;
  #stop = () => {};
  #drawn; // the room that is shown
  #createRoom;

  #leaveDialog = byId('leave-dialog');

  /// `createRoom(name)` opens the dialog for a new one.
  constructor(chat, createRoom) {
    this.#chat = chat;
    this.#createRoom = createRoom;
    byId('leave-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#leave();
    });
    byId('leave-cancel').addEventListener('click', () => this.#leaveDialog.close());
    chat.on('room', () => this.#show());
    byId('leave-room').addEventListener('click', () => this.#askToLeave());
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
    this.#drawClosed(room);
    byId('messages').setAttribute('aria-label', `Messages in ${room?.name ?? ''}`);
    const notice = byId('room-notice');
    notice.hidden = Boolean(room) && !isRefused;
    if (isRefused) notice.replaceChildren(...this.#refusal(room));
    else if (!room) notice.replaceChildren(...this.#welcome());
  }

  // A closed room is shown with its history, and with this instead of the composer.
  #drawClosed(room) {
    const note = byId('closed-note');
    const wasClosed = !note.hidden;
    const isClosed = room?.status === 'closed';
    note.hidden = !isClosed;
    const by = room?.closedBy;
    const what = by === undefined ? 'This room is closed.' : `${by} has closed this room.`;
    byId('closed-what').textContent = what;
    if (this.#drawn === room && isClosed && !wasClosed) announce(what);
    if (this.#drawn === room && !isClosed && wasClosed) announce('The room is open again.');
    this.#drawn = room;
  }

  #refusal({ name, error }) {
    const titles = {
      kicked: 'You are out of this room',
      not_found: `There is no room “${name}”`,
    };
    const heading = element('h2', {}, titles[error.code] ?? 'This room cannot be joined');
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

  #askToLeave() {
    const { room } = this.#chat;
    byId('leave-title').textContent = `Leave ${room.name}?`;
    byId('leave-note').textContent =
      room.status === 'closed'
        ? 'It is no longer among your rooms. It can still be read.'
        : 'You will not hear what is said in it. To come back, join it again.';
    this.#leaveDialog.showModal();
    byId('leave-cancel').focus();
  }

  #leave() {
    const { room } = this.#chat;
    this.#leaveDialog.close();
    if (!room) return;
    this.#chat.leave(room);
    go('#/');
    byId('rooms-title').focus();
  }
}

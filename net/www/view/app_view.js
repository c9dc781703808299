import { ActionsView } from './actions_view.js';
import { avatar } from './avatar.js';
import { BannerView } from './banner_view.js';
import { ComposerView } from './composer_view.js';
import { DeleteView } from './delete_view.js';
import { byId } from './dom.js';
import { IdentityView } from './identity_view.js';
import { MembersView } from './members_view.js';
import { MessagesView } from './messages_view.js';
import { NewRoomView } from './new_room_view.js';
import { RoomView } from './room_view.js';
import { RoomsView } from './rooms_view.js';
import { go, hrefOf, hrefOfSearch, readRoute } from './route.js';
import { SearchView } from './search_view.js';

const isNarrow = matchMedia('(max-width: 46rem)');

/// The whole chat: its panes, which of them is shown, and where the focus goes when that changes.
export class AppView {
  #chat;
  #composer;
  #search;

  /// `become(value)` is called when the user wants another name, or, without a value, to leave.
  constructor(chat, become) {
    this.#chat = chat;
    const newRoom = new NewRoomView(chat);
    new BannerView(chat);
    new RoomsView(chat);
    new RoomView(chat, (name) => newRoom.open(name));
    const deletion = new DeleteView(chat);
    this.#composer = new ComposerView(chat);
    const edit = (message) => this.#composer.edit(message);
    const remove = (message) => deletion.open(message);
    const actions = new ActionsView(chat, { edit, remove });
    new MessagesView(chat, { edit, remove, act: (message) => actions.open(message) });
    new MembersView(chat);
    this.#search = new SearchView(chat);
    for (const id of ['show-search', 'search-pane']) byId(id).hidden = !chat.offers('search');
    byId('search-close').addEventListener('click', () => this.#closeSearch());

    const { userId, username } = chat.identity;
    byId('my-avatar').replaceWith(avatar(userId, username));
    byId('my-name').textContent = username;
    new IdentityView(chat, become);
    chat.on('rooms', () => this.#nameWindow());
    addEventListener('hashchange', () => this.#follow());
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  /// Goes where the address leads, or to the user's last place.
  start() {
    const last = this.#chat.lastOpen;
    if (location.hash === '' && last !== undefined) history.replaceState(null, '', hrefOf(last));
    this.#follow();
  }

  #follow() {
    const { room, pane, seq } = readRoute();
    byId('app').dataset.pane = pane;
    if (pane === 'members' || pane === 'search') byId('app').dataset.side = pane;
    // If all panes are in view the room stays open while its list is looked at.
    if (room !== undefined || isNarrow.matches || !this.#chat.room) this.#chat.open(room);
    this.#nameWindow();
    this.#focus(pane);
    if (seq !== undefined) this.#goTo(seq);
  }

  // The address keeps only the room, so that the same message can be chosen again.
  #goTo(seq) {
    const { room } = this.#chat;
    history.replaceState(null, '', hrefOf(room.name));
    room.jumpTo(seq);
  }

  // If all panes are in view the members return to the place of the search.
  #closeSearch() {
    byId('app').dataset.side = 'members';
    go(this.#chat.room ? hrefOf(this.#chat.room.name) : '#/');
    this.#composer.focus();
  }

  #focus(pane) {
    if (pane === 'members') byId('members-title').focus();
    else if (pane === 'search') this.#search.focus();
    else if (pane === 'rooms') byId('rooms-title').focus();
    else if (isNarrow.matches || byId('talk').hidden) byId('room-title').focus();
    else this.#composer.focus();
  }

  #nameWindow() {
    const { room, unread } = this.#chat;
    const name = room === undefined ? 'Hubbub' : `${room.name} – Hubbub`;
    document.title = unread > 0 ? `(${unread}) ${name}` : name;
  }

  // Alt with up or down goes to the room above or below, Escape back from the members and the
  // search.
  #key(event) {
    const { pane } = byId('app').dataset;
    if (event.key === 'Escape' && pane === 'members') history.back();
    if (event.key === 'Escape' && pane === 'search' && this.#search.isBare) this.#closeSearch();
    if (event.key.toLowerCase() === 'f' && event.shiftKey && (event.ctrlKey || event.metaKey))
      this.#openSearch(event);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined || !event.altKey) return;
    event.preventDefault();
    const names = [...document.querySelectorAll('#room-lists a')].map((link) => link.dataset.room);
    const next = names.indexOf(this.#chat.room?.name) + step;
    if (names[next] !== undefined) go(hrefOf(names[next]));
  }

  #openSearch(event) {
    if (!this.#chat.offers('search')) return;
    event.preventDefault();
    go(hrefOfSearch(this.#chat.room?.name));
    this.#search.focus();
  }
}

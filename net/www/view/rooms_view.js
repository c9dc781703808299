import { byId, element, icon, oncePerFrame } from './dom.js';
import { hrefOf } from './route.js';

const SEARCH_PAUSE_MS = 200;
const MOST_OTHERS = 100; // a search finds the rest

/// The rooms: those of the user with their unread messages, and the others of the server.
export class RoomsView {
  #chat;
  #search = byId('room-search');
  #lists = byId('room-lists');
  #timer;

  constructor(chat) {
    this.#chat = chat;
    this.refresh = oncePerFrame(() => this.#draw());
    chat.on('rooms', this.refresh);
    chat.directory.on('changed', this.refresh);
    this.#search.addEventListener('input', () => this.#searched());
    byId('rooms-pane').addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('keydown', (event) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#search.focus();
      this.#search.select();
    });
    this.refresh();
  }

  #searched() {
    clearTimeout(this.#timer);
    const text = this.#search.value.trim();
    if (text !== '')
      this.#timer = setTimeout(() => this.#chat.directory.search(text), SEARCH_PAUSE_MS);
    this.#draw(); // at once: the next key may choose the first
  }

  #draw() {
    const focused = document.activeElement?.closest?.('#room-lists a')?.dataset.room;
    const text = this.#search.value.trim().toLocaleLowerCase();
    const matches = ({ name }) => name.toLocaleLowerCase().includes(text);
    const mine = [...this.#chat.rooms.values()].filter(
      (room) => room.status !== 'refused' && !this.#chat.isUnsure(room) && matches(room),
    );
    const isOther = (room) => matches(room) && !mine.some((joined) => joined.name === room.name);
    const others = this.#chat.directory.rooms.filter(isOther).sort(byLatest);
    mine.sort((a, b) => a.name.localeCompare(b.name));
    this.#lists.replaceChildren(
      ...this.#section('Your rooms', mine),
      ...this.#section(mine.length > 0 ? 'More rooms' : 'Rooms', others.slice(0, MOST_OTHERS)),
      ...(mine.length + others.length === 0 ? [this.#nothing(text)] : []),
    );
    if (focused !== undefined) this.#focusRoom(focused);
  }

  #section(title, rooms) {
    if (rooms.length === 0) return [];
    const id = `rooms-${title.toLowerCase().replace(' ', '-')}`;
    const items = rooms.map((room) => element('li', {}, this.#link(room)));
    return [element('h2', { id }, title), element('ul', { 'aria-labelledby': id }, ...items)];
  }

  #link(room) {
    const isOpen = this.#chat.room?.name === room.name;
    const unread = this.#chat.unreadIn(room);
    const isClosed = this.#chat.isClosed(room);
    const link = element('a', { href: hrefOf(room.name), className: unread > 0 ? 'unread' : '' });
    link.dataset.room = room.name;
    if (isOpen) link.setAttribute('aria-current', 'page');
    const mark = isClosed ? icon('lock') : '#';
    link.append(element('span', { className: 'hash', 'aria-hidden': 'true' }, mark));
    link.append(element('bdi', {}, room.name));
    if (isClosed) {
      link.title = 'This room is closed';
      link.append(element('span', { className: 'unseen' }, ' closed'));
    }
    if (unread > 0) {
      const said = element('span', { className: 'unseen' }, ' unread');
      link.append(
        element('span', { className: 'badge' }, unread > 99 ? '99+' : String(unread), said),
      );
    }
    return link;
  }

  #nothing(text) {
    const said =
      text === '' ? 'No rooms yet. Create the first one.' : 'No room has this in its name.';
    return element('p', { className: 'quiet' }, said);
  }

  #focusRoom(name) {
    const links = [...this.#lists.querySelectorAll('a')];
    (links.find((link) => link.dataset.room === name) ?? this.#search).focus();
  }

  // Up and down from the search through all rooms; Enter in the search opens the first.
  #key(event) {
    const links = [...this.#lists.querySelectorAll('a')];
    const at = links.indexOf(document.activeElement);
    const isSearching = document.activeElement === this.#search;
    if (event.key === 'Enter' && isSearching) links[0]?.click();
    if (event.key === 'Escape' && isSearching && this.#search.value !== '') {
      this.#search.value = '';
      this.#searched();
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined || (at < 0 && !isSearching)) return;
    event.preventDefault();
    (links[at + step] ?? (step < 0 ? this.#search : links[at]))?.focus();
  }
}

const byLatest = (a, b) =>
  (b.last_message_at ?? '').localeCompare(a.last_message_at ?? '') || a.name.localeCompare(b.name);

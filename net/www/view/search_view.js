import { byId, element } from './dom.js';
import { hrefOfMessage } from './route.js';
import { briefTime, fullTime } from './time_format.js';

const PAUSE_MS = 250;

/// The search for messages, and the way to the results.
export class SearchView {
  #chat;
  #search;
  #text = byId('search-text');
  #where = byId('search-where');
  #results = byId('search-results');
  #timer;
  #isWaiting = false; // for the room to be joined

  constructor(chat) {
    this.#chat = chat;
    this.#search = chat.search;
    this.#search.on('changed', () => this.#draw());
    this.#text.addEventListener('input', () => this.#soon());
    this.#where.addEventListener('change', () => this.#run());
    byId('search-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#run();
    });
    byId('search-pane').addEventListener('keydown', (event) => this.#key(event));
    chat.on('room', () => this.#follow());
    chat.on('rooms', () => this.#isWaiting && this.#run());
    this.#nameRoom();
  }

  /// Escape has nothing to clear here.
  get isBare() {
    return this.#text.value === '' || document.activeElement !== this.#text;
  }

  focus() {
    this.#text.focus();
    this.#text.select();
  }

  #nameRoom() {
    const { room } = this.#chat;
    const inRoom = this.#where.options[1];
    inRoom.disabled = room === undefined;
    inRoom.textContent = room === undefined ? 'In one room' : `In ${room.name}`;
    if (room === undefined) this.#where.value = 'all';
  }

  // A search in one room is repeated in the next one.
  #follow() {
    this.#nameRoom();
    if (this.#where.value === 'room') this.#run();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), PAUSE_MS);
  }

  #run() {
    clearTimeout(this.#timer);
    const room = this.#where.value === 'room' ? this.#chat.room : undefined;
    this.#isWaiting = room !== undefined && room.id === undefined;
    if (this.#isWaiting) return;
    this.#search.run(this.#text.value.trim(), room);
  }

  #draw() {
    const { results, hasMore, state } = this.#search;
    byId('search-status').textContent = this.#status();
    const at = this.#links.indexOf(document.activeElement);
    const hadFocus = this.#results.contains(document.activeElement);
    const items = results.map((result) => element('li', {}, this.#result(result)));
    const onclick = () => this.#search.more();
    const more = element('button', { type: 'button', onclick }, 'Show more');
    this.#results.replaceChildren(
      ...(items.length > 0 ? [element('ol', { 'aria-label': 'Results' }, ...items)] : []),
      ...(hasMore && state === 'done' ? [more] : []),
    );
    if (hadFocus) (this.#links[at] ?? this.#links.at(-1) ?? this.#text).focus();
  }

  #status() {
    const { results, hasMore, state, error } = this.#search;
    if (state === 'idle') return '';
    if (state === 'asking') return 'Searching…';
    if (state === 'failed') return error.message;
    if (results.length === 0) return 'Nothing was found.';
    if (hasMore) return `The first ${results.length} results`;
    return results.length === 1 ? 'One result' : `${results.length} results`;
  }

  #result({ message, snippet }) {
    const { room, seq, username, created_at: createdAt } = message;
    const at = new Date(createdAt);
    const isElsewhere = room !== this.#chat.room?.name;
    const text = snippet.map((part) => (part.match ? element('mark', {}, part.text) : part.text));
    return element(
      'a',
      { className: 'result', href: hrefOfMessage(room, seq) },
      element(
        'header',
        {},
        isElsewhere ? element('bdi', { className: 'where quiet' }, `# ${room}`) : undefined,
        element('bdi', { className: 'author' }, username),
        element(
          'time',
          { className: 'quiet', dateTime: at.toISOString(), title: fullTime(at) },
          briefTime(at),
        ),
      ),
      element('p', { dir: 'auto' }, ...text),
    );
  }

  get #links() {
    return [...this.#results.querySelectorAll('a')];
  }

  // Up and down from the field through the results.
  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const at = this.#links.indexOf(document.activeElement);
    if (step === undefined || (at < 0 && document.activeElement !== this.#text)) return;
    event.preventDefault();
    (this.#links[at + step] ?? (step < 0 ? this.#text : this.#links[at]))?.focus();
  }
}

import { byId, element } from '../view/dom.js';
import { count } from './format.js';

/// Asks the flight recorder what happened to a user, in a room, or both.
export class TraceView {
  #api;
  #ahead = 0; // by how many milliseconds the server's clock is ahead of this one
  #asked = 0;

  constructor() {
    byId('trace').onsubmit = (event) => {
      event.preventDefault();
      this.#ask();
    };
  }

  /// Uses the key of this API from now on.
  use(api) {
    this.#api = api;
    this.#asked += 1; // an answer that is under way was for somebody else
    this.#say('');
    this.#tell([]);
  }

  /// Takes the server's time; what happened is told by its clock.
  setClock(at) {
    this.#ahead = Date.parse(at) - Date.now();
  }

  pickUser(id) {
    byId('trace-user').value = id;
  }

  pickRoom(name) {
    byId('trace-room').value = name;
  }

  async #ask() {
    const asked = {};
    for (const what of ['user', 'room']) {
      const text = byId(`trace-${what}`).value.trim();
      if (text !== '') asked[what] = text;
    }
    const age = Number(byId('trace-age').value);
    if (age > 0) asked.since = new Date(Date.now() + this.#ahead - age * 1000).toISOString();
    const turn = ++this.#asked;
    this.#say('Reading …');
    const { error, since, left_out: leftOut, steps } = await this.#api.trace(asked);
    if (turn !== this.#asked) return;
    if (error) {
      this.#tell([]);
      return this.#say(error.message, 'failed');
    }
    const told = `${count(steps.length)} ${steps.length === 1 ? 'step' : 'steps'}`;
    const before = leftOut > 0 ? ` (${count(leftOut)} earlier ones are left out)` : '';
    const what = steps.length === 0 ? 'Nothing of this is remembered' : `${told}${before}`;
    this.#say(`${what}; everything since ${moment(since)} is remembered.`);
    this.#tell(steps);
  }

  #tell(steps) {
    const story = byId('story');
    story.replaceChildren(
      ...steps.map(({ time, kind, text }) =>
        element(
          'li',
          { 'data-kind': kind },
          element('time', { dateTime: time, textContent: moment(time) }),
          // English, whatever script the name has with which it begins.
          element('bdi', { dir: 'ltr', textContent: text }),
        ),
      ),
    );
    story.hidden = steps.length === 0;
    story.scrollTop = story.scrollHeight; // the last step is what somebody asks about
  }

  #say(text, state = 'done') {
    byId('trace-result').textContent = text;
    byId('trace-result').dataset.state = state;
  }
}

/// Returns a time with its milliseconds, in the reader's zone; with the day if that is not today.
function moment(text) {
  const at = new Date(text);
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 };
  const isToday = at.toDateString() === new Date().toDateString();
  return at.toLocaleString('en-GB', isToday ? parts : { day: 'numeric', month: 'short', ...parts });
}

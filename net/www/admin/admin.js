// Starts the page for people on call: asks for the key, then looks at the server, with one request a
// second at most and none while nobody sees the page.
import { byId } from '../view/dom.js';
import { ActsView } from './acts.js';
import { AdminApi } from './admin_api.js';
import { FiguresView, History } from './figures.js';
import { seconds } from './format.js';
import { ActivityView, CountersView } from './tables.js';
import { TraceView } from './trace.js';

const PAUSE_MS = 1000;
/// The key is forgotten when the tab is closed, and is never part of an address.
const REMEMBERED = 'hubbub-admin-key';
const REFUSED = new Set(['unauthorized', 'forbidden', 'not_found']);

const acts = new ActsView();
const figures = new FiguresView();
const counters = new CountersView();
const trace = new TraceView();
const activity = new ActivityView({
  pickUser(id) {
    trace.pickUser(id);
    acts.pickUser(id);
  },
  pickRoom(id, name) {
    trace.pickRoom(name);
    acts.pickRoom(id);
  },
});
const history = new History();

let api;
let timer;
let turn = 0;

/// Asks for a key, and forgets the one that was in use unless it may still be right.
function askKey(error = '', { forget = true } = {}) {
  clearTimeout(timer);
  api = undefined;
  if (forget) sessionStorage.removeItem(REMEMBERED);
  byId('app').hidden = true;
  byId('entrance').hidden = false;
  byId('key').value = '';
  byId('key').setAttribute('aria-invalid', String(error !== ''));
  byId('entrance-error').textContent = error;
  byId('key').focus();
}

/// Enters with a key; it is remembered once the server has taken it.
async function enter(key) {
  const asking = new AdminApi(key);
  const state = await asking.now(0);
  if (state.error)
    return askKey(state.error.message, { forget: REFUSED.has(state.error.code) });
  sessionStorage.setItem(REMEMBERED, key);
  api = asking;
  acts.use(api);
  trace.use(api);
  history.clear();
  counters.forget();
  const hadFocus = byId('entrance').contains(document.activeElement);
  byId('entrance').hidden = true;
  byId('app').hidden = false;
  if (hadFocus) byId('title').focus();
  showNow(state);
  turn = 1;
  lookSoon();
}

function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE_MS);
}

/// Asks for one thing, in turn for the figures and for who is busy.
async function look() {
  if (document.hidden) return; // goes on when it is seen again
  const asked = api;
  const isNow = turn++ % 2 === 0;
  const answer = await (isNow ? asked.now(history.last) : asked.activity());
  if (api !== asked) return;
  if (answer.error && REFUSED.has(answer.error.code)) return askKey(answer.error.message);
  if (answer.error) showState('failing', answer.error.message);
  else if (isNow) showNow(answer);
  else activity.show(answer);
  lookSoon();
}

function showNow(state) {
  history.add(state.history);
  figures.show(state.figures, history);
  counters.show(state);
  trace.setClock(state.at);
  if (state.stopping) showState('failing', 'Stopping');
  else if (state.ready) showState('ready', 'Ready');
  else showState('failing', 'The store fails');
  const node = state.node === null ? '' : `node ${state.node}, `;
  byId('facts').textContent =
    `${node}version ${state.version}, up for ${seconds(Math.max(state.uptime_seconds, 0))}`;
}

/// Says it only when it changes, since it is read out.
function showState(state, text) {
  const shown = byId('state');
  shown.dataset.state = state;
  if (shown.textContent !== text) shown.textContent = text;
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && api) lookSoon();
});
byId('entrance-form').onsubmit = (event) => {
  event.preventDefault();
  const key = byId('key').value.trim();
  // A header takes no others, and no key has them.
  if (!/^[\x21-\x7e]+$/.test(key)) return askKey('This is not a key.');
  enter(key);
};
byId('forget').onclick = () => askKey();

const known = sessionStorage.getItem(REMEMBERED);
if (known === null) askKey();
else enter(known);

import { byId, element } from '../view/dom.js';
import { bytes, count, seconds, timeOfDay } from './format.js';

/// Makes a cell. Names are isolated, so that one written from right to left turns nothing around.
const text = (value) => element('bdi', { textContent: value });

function cell(value, tag = 'td') {
  const node = value instanceof Node ? value : text(String(value));
  const made = element(tag, {}, node);
  if (value && value.isNumber) made.className = 'number';
  return made;
}

function number(shown) {
  const node = text(shown);
  node.isNumber = true;
  return node;
}

/// Replaces what is in `place` by a table; `rows` are arrays of cells, of which the first names the
/// row. The focus stays on the button that had it.
function showTable(place, heads, rows, nothing) {
  const said = JSON.stringify([heads, rows.map((row) => row.map((each) => each.textContent ?? each))]);
  if (place.dataset.said === said) return; // what somebody reads or selects stays where it is
  place.dataset.said = said;
  const focused = place.contains(document.activeElement)
    ? document.activeElement.textContent
    : undefined;
  if (rows.length === 0) {
    place.replaceChildren(element('p', { className: 'quiet', textContent: nothing }));
    return;
  }
  const head = element(
    'tr',
    {},
    ...heads.map((name, at) => {
      const made = element('th', { scope: 'col', textContent: name });
      if (at > 0 && rows[0][at].isNumber) made.className = 'number';
      return made;
    }),
  );
  const body = rows.map((row) => {
    const [first, ...rest] = row;
    const name = cell(first, 'th');
    name.scope = 'row';
    const made = element('tr', {}, name, ...rest.map((each) => cell(each)));
    return made;
  });
  place.replaceChildren(
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)),
  );
  if (focused === undefined) return;
  [...place.querySelectorAll('button')].find((each) => each.textContent === focused)?.focus();
}

/// Makes a button that puts a name into the form of acts.
const pick = (name, label, choose) =>
  element('button', { type: 'button', onclick: choose, 'aria-label': label }, text(name));

export class ActivityView {
  #pickUser;
  #pickRoom;

  constructor({ pickUser, pickRoom }) {
    this.#pickUser = pickUser;
    this.#pickRoom = pickRoom;
  }

  show({ span_seconds: span, rooms, users, slow_readers: slow }) {
    const about = ({ messages, excess }) => (excess > 0 ? `≤ ${count(messages)}` : count(messages));
    const head = `In ${seconds(Math.max(Math.round(span), 1))}`;
    const nothing = 'No messages since this page began to look.';
    showTable(
      byId('rooms'),
      ['Room', 'Id', head],
      rooms.map((each) => [
        pick(each.room, `Act in ${each.room}`, () => this.#pickRoom(each.room_id, each.room)),
        number(String(each.room_id)),
        number(about(each)),
      ]),
      nothing,
    );
    showTable(
      byId('users'),
      ['User', head],
      users.map((each) => [this.#user(each.user_id), number(about(each))]),
      nothing,
    );
    showTable(
      byId('slow'),
      ['User', 'Address', 'Waits'],
      slow.map((each) => [
        each.user_id === '' ? '(no name)' : this.#user(each.user_id),
        each.client,
        number(bytes(each.queued_bytes)),
      ]),
      'Nobody: what was sent has been taken.',
    );
  }

  #user(id) {
    return pick(id, `Act on ${id}`, () => this.#pickUser(id));
  }
}

const yes = (value) => (value > 0 ? 'yes' : 'no');

/// What is shown of the store: the metric, a label, and how its value is read.
const STORE = [
  ['hubbub_store_healthy', 'can be written to', yes],
  ['hubbub_messages_stored_total', 'messages stored', count],
  ['hubbub_store_wal_bytes', 'WAL', bytes],
  ['hubbub_store_upkeep_seconds', 'being copied for', seconds],
  ['hubbub_store_queued', 'operations for the next commit', count],
  ['hubbub_writes_waiting', 'writes that wait', count],
  ['hubbub_writes_oldest_seconds', 'the oldest waits', seconds],
  ['hubbub_store_commits_failed_total', 'commits that failed', count],
  ['hubbub_search_index_behind', 'messages to be indexed', count],
  ['hubbub_search_index_usable', 'searches can be answered', yes],
];
const PROCESS = [
  ['process_threads', 'threads', count],
  ['process_open_fds', 'open files', count],
  ['process_max_fds', 'open files, at most', count],
];
/// What is shown of a bus, by a server that has one.
const BUS = [
  ['hubbub_bus_silent_seconds', 'bus silent for', seconds],
  ['hubbub_bus_channels', 'rooms heard over the bus', count],
  ['hubbub_bus_published_total', 'sent over the bus', count],
  ['hubbub_bus_received_total', 'received over the bus', count],
];
/// The counters of refusals, by the metric.
const REFUSALS = [
  ['hubbub_requests_refused_total', 'bound: '],
  ['hubbub_rate_limited_total', 'too fast: '],
  ['hubbub_connections_refused_total', 'connection: '],
  ['hubbub_connects_refused_total', 'not let in: '],
  ['hubbub_errors_total', 'error, '],
];
const ENDS = [['hubbub_sessions_closed_total', '']];

export class CountersView {
  #first; // the counters when the page began to look

  forget() {
    this.#first = undefined;
  }

  show({ metrics, node, nodes, version, uptime_seconds: uptime, at }) {
    this.#first ??= metrics;
    this.#count(byId('refusals'), REFUSALS, metrics, 'Nothing has been refused since the start.');
    this.#count(byId('closed'), ENDS, metrics, 'None since the start.');
    showTable(byId('store'), ['What', 'Now'], facts(STORE, metrics), 'The store does not answer.');
    const waits = metrics.hubbub_actor_wait_seconds ?? {};
    const actors = Object.entries(metrics.hubbub_actor_answers ?? {});
    showTable(
      byId('actors'),
      ['Actor', 'Wait'],
      actors.map(([name, answers]) => [
        name,
        number(answers > 0 ? seconds(waits[name]) : 'no answer'),
      ]),
      'None.',
    );
    const own = [
      ['node', number(node === null ? 'the only one' : String(node))],
      ['version', number(version)],
      ['runs for', number(seconds(Math.max(uptime, 0)))],
      ['its time', number(timeOfDay(at))],
    ];
    const shown = hasBus(metrics) ? [...PROCESS, ...BUS] : PROCESS;
    showTable(byId('node'), ['What', 'Now'], [...own, ...facts(shown, metrics)], '');
    this.#showNodes(nodes);
  }

  /// Shows the other servers on the same database, to one of several.
  #showNodes(nodes) {
    byId('others-panel').hidden = nodes === null;
    if (nodes === null) return;
    byId('lease').textContent = nodes.lease_held
      ? `This one’s lease holds for ${seconds(nodes.lease_seconds)} if it is not renewed.`
      : 'This one’s lease is lost.';
    showTable(
      byId('others'),
      ['Node', 'Takes requests at'],
      nodes.others.map(({ node, url }) => [number(String(node)), url ?? 'no address: it has no node_listen']),
      'None whose lease holds.',
    );
  }

  /// Shows the counters that are not 0, the largest first, and how much they grew meanwhile.
  #count(place, groups, metrics, nothing) {
    const rows = groups.flatMap(([metric, what]) =>
      Object.entries(metrics[metric] ?? {}).map(([name, value]) => ({
        name: what + name,
        value,
        grown: value - (this.#first[metric]?.[name] ?? 0),
      })),
    );
    const shown = rows
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.grown - a.grown || b.value - a.value)
      .map(({ name, value, grown }) => [
        name.replaceAll('_', ' '),
        number(count(value)),
        number(grown === 0 ? '' : `+${count(grown)}`),
      ]);
    showTable(place, ['What', 'In all', 'New'], shown, nothing);
  }
}

/// True if the server has a bus: it has been connected to it, or waits to be.
export const hasBus = (metrics) =>
  metrics.hubbub_bus_connects_total > 0 || metrics.hubbub_bus_silent_seconds > 0;

/// Makes the rows of those metrics that the server has told.
const facts = (list, metrics) =>
  list
    .filter(([metric]) => metrics[metric] !== undefined)
    .map(([metric, label, format]) => [label, number(format(metrics[metric]))]);

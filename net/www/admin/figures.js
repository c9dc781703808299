import { byId, element } from '../view/dom.js';
import { byteRate, bytes, count, plain, rate, seconds, timeOfDay } from './format.js';

/// What is shown of each figure, in this order.
const SHOWN = [
  ['messages_per_second', 'Messages', rate],
  ['deliveries_per_second', 'Deliveries', rate],
  ['ack_p50_seconds', 'Acks, half within', seconds],
  ['ack_p99_seconds', 'Acks, 99 % within', seconds],
  ['commit_p99_seconds', 'Commits, 99 % within', seconds],
  ['fan_out_p99_seconds', 'Fan-outs, 99 % within', seconds],
  ['sessions_open', 'Sessions', count],
  ['users_connected', 'Users', count],
  ['rooms_awake', 'Rooms awake', count],
  ['sessions_per_second', 'New sessions', rate],
  ['refused_per_second', 'Refusals', rate],
  ['slow_readers_per_second', 'Slow readers', rate],
  ['writes_waiting', 'Writes that wait', count],
  ['wal_bytes', 'WAL', bytes],
  ['http_requests_per_second', 'HTTP requests', rate],
  ['bytes_sent_per_second', 'Sent', byteRate],
  ['ping_p50_seconds', 'Pings, half within', seconds],
  ['resident_bytes', 'Memory', bytes],
  ['cpu_cores', 'Cores in use', plain],
];
const CAPACITY = 360;
const WIDTH = CAPACITY - 1;
const HEIGHT = 40;
const SVG = 'http://www.w3.org/2000/svg';

/// The figures of the last hour. Keeps as many samples as the server does.
export class History {
  #names = [];
  #samples = [];

  /// Returns the number of the newest sample; 0: none.
  get last() {
    return this.#samples.at(-1)?.number ?? 0;
  }

  add({ figures, samples }) {
    this.#names = figures;
    // A server that was started again counts from 1.
    if (samples.length > 0 && samples[0].number <= this.last) this.#samples = [];
    this.#samples = [...this.#samples, ...samples].slice(-CAPACITY);
  }

  clear() {
    this.#samples = [];
  }

  get since() {
    return this.#samples[0]?.at;
  }

  /// Returns the values of a figure with their places from the right; `null` where it is unknown.
  valuesOf(name) {
    const at = this.#names.indexOf(name);
    return this.#samples.map(({ number, values }) => [this.last - number, values[at] ?? null]);
  }
}

/// Returns the path of a line; values that are unknown leave a hole.
export function linePath(values, highest) {
  let path = '';
  let pen = 'M';
  for (const [age, value] of values) {
    if (value === null) {
      pen = 'M';
      continue;
    }
    const y = highest > 0 ? HEIGHT - (value / highest) * (HEIGHT - 2) - 1 : HEIGHT - 1;
    path += `${pen}${WIDTH - age} ${y.toFixed(1)}`;
    // A single point would not be seen.
    if (pen === 'M') path += 'h.5';
    pen = 'L';
  }
  return path;
}

class Card {
  #value = element('p', { className: 'value' });
  #span = element('p', { className: 'span' });
  #path = document.createElementNS(SVG, 'path');
  #figure;

  constructor(figure, list) {
    this.#figure = figure;
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true'); // the line below says it in words
    this.#path.setAttribute('vector-effect', 'non-scaling-stroke');
    svg.append(this.#path);
    const heading = element('h3', { textContent: figure[1] });
    const item = element('li', {}, heading, this.#value, svg, this.#span);
    item.dataset.figure = figure[0];
    list.append(item);
  }

  show(value, history) {
    const [name, , format] = this.#figure;
    this.#value.textContent = value === null ? '–' : format(value);
    const values = history.valuesOf(name);
    const known = values.map(([, each]) => each).filter((each) => each !== null);
    // What is shown as now is one of the values between the extremes.
    if (known.length > 0 && value !== null) known.push(value);
    const highest = Math.max(0, ...known);
    this.#path.setAttribute('d', linePath(values, highest));
    this.#span.textContent =
      known.length === 0 ? 'nothing yet' : `${format(Math.min(...known))} to ${format(highest)}`;
  }
}

export class FiguresView {
  #cards = SHOWN.map((figure) => [figure[0], new Card(figure, byId('figures'))]);

  show(figures, history) {
    for (const [name, card] of this.#cards) card.show(figures[name] ?? null, history);
    const since = history.since;
    byId('figures-since').textContent = since
      ? `The lines are the last hour, the words below them the extremes since ${timeOfDay(since)}.`
      : 'The lines of the last hour begin in ten seconds.';
  }
}

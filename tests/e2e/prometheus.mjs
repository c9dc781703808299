// Debian's Prometheus, on a free port with a database of its own: it scrapes servers and answers
// questions over its API.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { heldPort } from './ports.mjs';
import { temporaryFolder, within } from './support.mjs';

const inTree = (path) => new URL(`../../${path}`, import.meta.url);

/// True if Prometheus is installed.
export const hasPrometheus = () => !spawnSync('prometheus', ['--version']).error;

/// Returns the alarms as they are installed.
export const alarms = () => readFileSync(inTree('packaging/prometheus/alerts.yml'), 'utf8');

/// Returns the panels of the dashboard: `[{ title, expressions }]`, with the variables filled in.
export function panels({ interval = '4s' } = {}) {
  const board = JSON.parse(readFileSync(inTree('packaging/grafana/hubbub.json'), 'utf8'));
  const fill = ({ expr }) => expr.replaceAll('$__rate_interval', interval).replaceAll('$instance', '.*');
  return board.panels
    .filter(({ targets }) => targets)
    .map(({ title, targets }) => ({ title, expressions: targets.map(fill) }));
}

export class Prometheus {
  /// Scrapes `target` (host:port, `scheme` http or https) every `interval`, as the job `hubbub`, and
  /// judges by `rules`.
  static async start(options) {
    const made = new Prometheus();
    assert.ok(await made.#launch(options), `prometheus does not start: ${made.log}`);
    return made;
  }

  log = '';

  async #launch({ target, scheme = 'http', rules = alarms(), interval = '1s', folder = temporaryFolder() }) {
    this.folder = folder;
    const port = await heldPort();
    this.url = `http://127.0.0.1:${port}`;
    writeFileSync(join(this.folder, 'rules.yml'), rules);
    writeFileSync(
      join(this.folder, 'prometheus.yml'),
      `global: {scrape_interval: ${interval}, scrape_timeout: ${interval}, evaluation_interval: ${interval}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: hubbub
    scheme: ${scheme}
    tls_config: {insecure_skip_verify: true}
    static_configs: [{targets: ["${target}"], labels: {instance: chat}}]
`,
    );
    this.child = spawn(
      'prometheus',
      [
        `--config.file=${join(this.folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--enable-feature=exemplar-storage',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = new Promise((resolve) => this.child.once('exit', () => resolve(false)));
    process.once('exit', () => this.child.kill('SIGKILL'));
    const ready = new Promise((resolve) => {
      this.child.stderr.setEncoding('utf8').on('data', (text) => {
        this.log += text;
        if (this.log.includes('Server is ready to receive web requests')) resolve(true);
      });
    });
    return within(Promise.race([ready, ended]), () => `prometheus: ${this.log}`);
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await within(ended, 'the end of prometheus');
  }

  async #ask(path, query) {
    const answer = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query)}`);
    const { status, data, error } = await answer.json();
    assert.equal(status, 'success', `${JSON.stringify(query)}: ${error}`);
    return data;
  }

  /// Returns the series of an expression now: `[{ metric, value: [time, text] }]`.
  async query(expression) {
    return (await this.#ask('query', { query: expression })).result;
  }

  /// Returns the series of an expression over time: `[{ metric, values }]`; times in seconds.
  async range(expression, start, end, step) {
    return (await this.#ask('query_range', { query: expression, start, end, step })).result;
  }

  /// Waits until an expression has exemplars in the last minute; returns them: `[{ labels, value }]`.
  async exemplars(expression) {
    const look = async () => {
      const now = Date.now() / 1000;
      const asked = { query: expression, start: now - 60, end: now + 60 };
      return (await this.#ask('query_exemplars', asked)).flatMap(({ exemplars }) => exemplars);
    };
    return this.#look(look, (found) => found.length > 0, `exemplars of ${expression}`);
  }

  /// Returns the alarms that are pending or firing.
  async alerts() {
    return (await this.#ask('alerts', {})).alerts;
  }

  /// Returns the rules with their health.
  async rules() {
    return (await this.#ask('rules', {})).groups.flatMap(({ rules }) => rules);
  }

  /// Waits until an expression has a series that `fits`; returns its series.
  async until(expression, fits = () => true) {
    return this.#look(() => this.query(expression), (found) => found.some(fits), `a series of ${expression}`);
  }

  /// Asks again until the answer is the one that is waited for; returns it.
  async #look(ask, isIt, what) {
    const looking = async () => {
      for (;;) {
        const found = await ask();
        if (isIt(found)) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    return within(looking(), what);
  }
}

// A game day: one fault after the other is done to a server, and for each there is a folder with what
// somebody on call could have seen. See scripts/game-day.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { binary, environment, run, temporaryFolder } from '../e2e/support.mjs';
import { panels } from '../e2e/prometheus.mjs';
import { faults } from './faults.mjs';
import { FASTER, World } from './world.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'build/game-day' },
    key: { type: 'string', default: 'build/game-day-key.txt' },
    only: { type: 'string' },
    before: { type: 'string', default: '30' },
    during: { type: 'string', default: '100' },
    after: { type: 'string', default: '30' },
    'at-once': { type: 'string', default: '1' },
  },
});
const seconds = (name) => Number(values[name]) * 1000;
const tree = fileURLToPath(new URL('../..', import.meta.url));

function shuffled(list) {
  const all = [...list];
  for (let i = all.length - 1; i > 0; --i) {
    const j = Math.floor(Math.random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

function buildShim() {
  const shim = join(temporaryFolder(), 'libsystem.so');
  const source = fileURLToPath(new URL('shim.c', import.meta.url));
  execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', shim, source, '-ldl', '-lpthread']);
  return shim;
}

/// Notes when alarms begin and end to be pending or to sound.
class AlarmBook {
  #world;
  #known = new Map();
  #timer;
  lines = [];

  constructor(world) {
    this.#world = world;
    this.#timer = setInterval(() => void this.#look(), 1000);
  }
  async #look() {
    const alerts = await this.#world.prometheus.alerts().catch(() => undefined);
    if (!alerts) return;
    const now = new Map(
      alerts.map(({ labels, annotations, state }) => {
        const { alertname, severity, instance, job, ...rest } = labels;
        const about = Object.entries(rest).map(([name, value]) => `${name}=${value}`).join(' ');
        return [`${alertname} ${about}`.trim(), { severity, state, summary: annotations.summary, runbook: annotations.runbook }];
      }),
    );
    for (const [name, { severity, state, summary, runbook }] of now)
      if (this.#known.get(name)?.state !== state) this.#tell(`${state.padEnd(8)} ${severity.padEnd(8)} ${name}: ${summary} (${runbook})`);
    for (const name of this.#known.keys()) if (!now.has(name)) this.#tell(`ended             ${name}`);
    this.#known = now;
  }
  #tell(line) {
    this.lines.push(`${new Date().toISOString()}  ${line}`);
  }
  close() {
    clearInterval(this.#timer);
  }
}

const short = (value) => (Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : '-');

/// Returns the dashboard as text: each panel with its series, a value for every ten seconds.
async function dashboard(prometheus, from, to) {
  const lines = [];
  const step = 10;
  const times = [];
  for (let at = from; at <= to; at += step) times.push(new Date(at * 1000).toISOString().slice(11, 19));
  lines.push(`Columns: ${times.join(' ')}`, '');
  for (const { title, expressions } of panels({ interval: '10s' })) {
    lines.push(`## ${title}`);
    for (const expression of expressions) {
      const all = await prometheus.range(expression, from, to, step);
      if (all.length === 0) lines.push(`(nothing)  ${expression}`);
      for (const { metric, values: points } of all) {
        const by = new Map(points.map(([at, value]) => [Math.round((at - from) / step), Number(value)]));
        const { __name__: name, instance, job, ...labels } = metric;
        const label = [name, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)].filter(Boolean).join(' ');
        lines.push(`${label || expression}: ${times.map((_, i) => (by.has(i) ? short(by.get(i)) : '.')).join(' ')}`);
      }
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

async function play(fault, folder, shim) {
  mkdirSync(join(folder, 'metrics'), { recursive: true });
  const write = (name, text) => writeFileSync(join(folder, name), text ?? 'no answer\n');
  const world = await World.make({ shim });
  const from = Date.now() / 1000;
  const alarmBook = new AlarmBook(world);
  await pause(seconds('before'));
  write('metrics/1.txt', await world.look('/metrics'));
  await world.look('/api/admin/activity');
  const begun = Date.now();
  const acting = Promise.resolve(faults[fault](world));
  await pause(seconds('during') / 2);
  write('metrics/2.txt', await world.look('/metrics'));
  write('admin_activity.json', await world.look('/api/admin/activity'));
  await pause(Math.max(begun + seconds('during') - Date.now(), 0));
  write('metrics/3.txt', await world.look('/metrics'));
  write('admin_now.json', await world.look('/api/admin/now?since=0'));
  await acting;
  world.endFault();
  await pause(seconds('after'));
  write('metrics/4.txt', await world.look('/metrics'));
  alarmBook.close();
  write('alerts.txt', alarmBook.lines.join('\n') + '\n');
  write('dashboard.txt', await dashboard(world.prometheus, from, Date.now() / 1000));
  write('log.txt', world.server.log.replaceAll(new RegExp(`${tmpdir()}/hubbub-e2e-\\w+`, 'g'), '/var/lib/hubbub'));
  const trace = `${world.server.database}.trace`;
  cpSync(trace, join(folder, 'chat.db.trace'));
  const told = await run(binary('hubbub'), ['trace', '--file', trace], { env: environment() });
  write('trace.txt', told.stdout.split('\n').slice(-6000).join('\n'));
  await world.end();
}

const README = `# Cases

Each folder \`case-NN\` is about one server and some three minutes. Something went wrong on the way in each: find out what.
You have what somebody on call has, and nothing else:

| file | what |
| --- | --- |
| \`alerts.txt\` | when alarms became pending, sounded and ended |
| \`dashboard.txt\` | every panel of the Grafana dashboard, with a value for every ten seconds (\`.\`: none) |
| \`log.txt\` | the server's log |
| \`trace.txt\`, \`chat.db.trace\` | \`hubbub trace\`: the last 6,000 steps, and the recorder's file for questions such as \`hubbub trace --file chat.db.trace --user u07 --since …\` |
| \`metrics/1.txt\` … \`4.txt\` | the page \`/metrics\` at four moments |
| \`admin_now.json\`, \`admin_activity.json\` | what the page \`/admin\` showed at some moment |

The manual is \`monitoring.md\`, with \`operations.md\` and \`settings.md\`. Its alarms are as installed, but all their times are a ${FASTER}th as long (\`[5m]\` is \`[30s]\`).

The server belongs to a small town: thirty members (u01 to u30) in six rooms, of whom some lose their connection now and then; a bot that
posts long reports into room-1; visitors (v…) who come, say something and go. Nobody restarted or changed it on purpose, except that
a nightly job may send SIGHUP. Write for each case: what went wrong, what shows it, what you would do, and how long it took you to find.
`;

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)); // ends what was started

const out = resolve(tree, values.out);
mkdirSync(out, { recursive: true });
const shim = buildShim();
const chosen = values.only ? values.only.split(',') : Object.keys(faults);
const order = shuffled(chosen);
const key = [];
writeFileSync(join(out, 'README.md'), README);
for (const page of ['monitoring.md', 'operations.md', 'settings.md']) cpSync(join(tree, 'docs', page), join(out, page));
const waiting = order.map((fault, i) => ({ fault, name: `case-${String(i + 1).padStart(2, '0')}` }));
for (const { fault, name } of waiting) key.push(`${name} ${fault}`);
writeFileSync(resolve(tree, values.key), `${key.join('\n')}\n`);
const worker = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    console.log(`${next.name} …`);
    await play(next.fault, join(out, next.name), shim);
  }
};
await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
console.log(`${out} has the cases, ${values.key} what was done in each`);
process.exit(0);

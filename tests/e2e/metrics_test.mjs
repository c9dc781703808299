// The metrics of a server that was used: Prometheus' own tool finds nothing to say about the page,
// histograms hold what happened, and alarms and dashboard name only metrics that are there.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Authority } from './certificates.mjs';
import { closeClients, connect, emitAck, join as enter, nextEvent, sendMany } from './clients.mjs';
import { Server, deadline, freshName, temporaryFolder } from './support.mjs';

const inTree = (path) => new URL(`../../${path}`, import.meta.url);

/// Returns the lines of a page that name a metric, without its labels and its value.
const namesOn = (page) =>
  new Set(page.split('\n').filter((line) => line && line[0] !== '#').map((line) => line.split(/[ {]/)[0]));

let server;
let page;
before(async () => {
  const authority = await Authority.make();
  await authority.serve('metrics');
  const args = [...authority.settings, '--ping-interval', '30ms', '--room-linger', '0ms'];
  server = await Server.start({ args, ca: authority.root });
  const room = freshName();
  const { id } = await server.createRoom(room);
  const ana = await connect(server, { username: 'ana' });
  const ben = await connect(server, { username: 'ben' });
  await enter(ana, room);
  await enter(ben, room);
  const last = (await sendMany(ana, room, 10, { text: () => 'hello' })).at(-1);
  await nextEvent(ben, 'new_message', ({ seq }) => seq === last.seq);
  assert.equal((await emitAck(ana, 'send_message', { room: 'nowhere', content: 'x' })).ok, false);
  assert.equal((await server.get(`/api/messages/${id}/search?q=hello`)).status, 200);
  assert.equal((await server.get('/api/rooms/4711')).status, 404);
  const patience = AbortSignal.timeout(deadline);
  while ((await server.metric('hubbub_ping_round_trip_seconds_count')) === 0) assert.ok(!patience.aborted);
  closeClients();
  while ((await server.metric('hubbub_sessions_open')) > 0) assert.ok(!patience.aborted);
  page = (await server.get('/metrics')).text;
});
after(() => server?.stop());

/// Returns the value of a line of the page.
const value = (start) => {
  const line = page.split('\n').find((each) => each.startsWith(`${start} `));
  assert.ok(line, `${start} is not on the page`);
  return Number(line.slice(start.length));
};

describe('The metrics page', () => {
  it('is as Prometheus wants it', (t) => {
    const tool = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
    if (tool.error) return t.skip('promtool is not installed');
    assert.deepEqual([tool.status, tool.stdout + tool.stderr], [0, '']);
  });

  it('measures what happened', () => {
    assert.equal(value('hubbub_ack_seconds_count{outcome="stored"}'), 10);
    assert.ok(value('hubbub_ack_seconds_sum{outcome="stored"}') > 0);
    assert.ok(value('hubbub_fan_out_seconds_count') > 0);
    assert.ok(value('hubbub_room_wake_seconds_count') > 0);
    assert.equal(value('hubbub_search_seconds_count'), 1);
    const commits = value('hubbub_store_commits_total');
    assert.equal(value('hubbub_store_commit_seconds_count'), commits);
    assert.equal(value('hubbub_store_batch_operations_bucket{le="+Inf"}'), commits);
    const missing = 'method="GET",route="/api/rooms/{room_id}",status="4xx"';
    assert.equal(value(`hubbub_http_request_seconds_count{${missing}}`), 1);
    assert.equal(value('hubbub_errors_total{transport="http",code="not_found"}'), 1);
    assert.equal(value('hubbub_errors_total{transport="socket",code="not_found"}'), 1);
    assert.equal(value('hubbub_sessions_closed_total{reason="client_disconnect"}') +
      value('hubbub_sessions_closed_total{reason="client_close"}') +
      value('hubbub_sessions_closed_total{reason="transport_error"}'), 2);
    assert.equal(value('hubbub_actor_answers{actor="writer"}'), 1);
  });

  it('has buckets from 50 µs to 10 s', () => {
    const bounds = [...page.matchAll(/^hubbub_search_seconds_bucket\{le="([^"]+)"\}/gm)].map(([, le]) => le);
    assert.deepEqual(
      bounds.map(Number),
      [5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, NaN],
    );
    assert.equal(bounds.at(-1), '+Inf');
  });

  it('tells of the process as others do', () => {
    const { pid } = server.child;
    const resident = value('process_resident_memory_bytes');
    assert.ok(resident > 1e6 && resident < 1e9, String(resident));
    assert.ok(Math.abs(value('process_start_time_seconds') - Date.now() / 1000) < 600);
    assert.ok(value('process_open_fds') > 5);
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    assert.equal(value('process_max_fds'), Number(/Max open files +(\d+)/.exec(limits)[1]));
    const ends = value('hubbub_certificate_not_after_seconds') - Date.now() / 1000;
    assert.ok(ends > 86_400 && ends <= 2 * 86_400, String(ends));
  });
});

describe('What Prometheus and Grafana are given', () => {
  const known = () => namesOn(page);
  const others = new Set(['up']);

  it('asks for metrics that are on the page: the alarms', () => {
    const rules = readFileSync(inTree('packaging/prometheus/alerts.yml'), 'utf8');
    const names = new Set(rules.match(/\b(hubbub|process)_[a-z_]+\b|\bup\b(?=\{)/g));
    assert.ok(names.size > 15);
    for (const name of names) assert.ok(known().has(name) || others.has(name), name);
  });

  it('asks for metrics that are on the page, with their labels: the dashboard', (t) => {
    const board = JSON.parse(readFileSync(inTree('packaging/grafana/hubbub.json'), 'utf8'));
    const expressions = board.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const names = new Set(expressions.flatMap((each) => each.match(/\b(hubbub|process)_[a-z_]+\b/g)));
    for (const name of names) {
      if (name.startsWith('hubbub_jemalloc') && !known().has(name)) continue; // not under a sanitizer
      assert.ok(known().has(name), name);
    }
    // And none of ours is forgotten.
    const bases = new Set([...known()].map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const shown = new Set([...names].map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    for (const name of bases) {
      if (name !== 'hubbub_build_info' && name.startsWith('hubbub_')) assert.ok(shown.has(name), name);
    }
    // Each expression is one that Prometheus understands.
    try {
      execFileSync('promtool', ['--version'], { stdio: 'pipe' });
    } catch {
      return t.skip('promtool is not installed');
    }
    const rules = expressions.map((expr, i) => {
      const filled = expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
      return `      - {record: "r:${i}", expr: ${JSON.stringify(filled)}}\n`;
    });
    const file = join(temporaryFolder(), 'board.yml');
    writeFileSync(file, `groups:\n  - name: board\n    rules:\n${rules.join('')}`);
    const tool = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    assert.equal(tool.status, 0, tool.stdout + tool.stderr);
  });
});

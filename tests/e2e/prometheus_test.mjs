// A real Prometheus scrapes a server: every alarm and every panel of the dashboard is answered, and an
// alarm sounds when its cause is there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, freshName, request } from './support.mjs';
import { closeClients, connect, join, sendMany } from './clients.mjs';
import { Prometheus, alarms, hasPrometheus, panels } from './prometheus.mjs';

const skip = !hasPrometheus() && 'prometheus is not installed';

describe('A Prometheus that scrapes a server', { skip }, () => {
  let server;
  let prometheus;
  before(async () => {
    server = await Server.start();
    prometheus = await Prometheus.start({
      target: `127.0.0.1:${server.port}`,
      // An hour is too long to wait for: the same alarms, of shorter times.
      rules: alarms().replaceAll(/\bfor: \d+m\b/g, 'for: 1s'),
    });
    const ann = await connect(server, { username: 'ann' });
    const room = freshName();
    await join(ann, room);
    await sendMany(ann, room, 20);
    await prometheus.until('hubbub_messages_stored_total', ({ value }) => Number(value[1]) >= 20);
  });
  after(async () => {
    closeClients();
    await prometheus?.stop();
    await server?.stop();
  });

  it('takes the page as a whole, and knows the server by its job', async () => {
    const [up] = await prometheus.query('up{job="hubbub"}');
    assert.deepEqual([up.metric.instance, up.value[1]], ['chat', '1']);
    const [samples] = await prometheus.query('scrape_samples_scraped');
    assert.ok(Number(samples.value[1]) > 200);
  });

  it('can answer every alarm', async () => {
    await prometheus.until('hubbub_clock_seconds');
    const rules = await prometheus.rules();
    assert.equal(rules.length, alarms().match(/- alert:/g).length);
    for (const { name, query } of rules) {
      await prometheus.query(query);
      // What an alarm looks at is there, whether it sounds or not.
      for (const metric of new Set(query.match(/\b(?:hubbub|process)_[a-z_]+\b/g))) {
        if (metric === 'hubbub_certificate_not_after_seconds') continue; // only with TLS
        assert.ok((await prometheus.query(metric)).length > 0, `${name}: ${metric}`);
      }
    }
    for (const { name, health, lastError } of await prometheus.rules())
      assert.notEqual(health, 'err', `${name}: ${lastError}`);
  });

  it('can answer every panel of the dashboard', async () => {
    const now = Date.now() / 1000;
    for (const { title, expressions } of panels())
      for (const each of expressions) {
        const found = await prometheus.range(each, now - 30, now, 1);
        assert.ok(Array.isArray(found), title);
        // A panel that hides zeros, that asks for a rate, or that is about TLS, may be empty yet.
        if (!/jemalloc|> 0$|rate\(|certificate_not_after|== 0/.test(each)) assert.ok(found.length > 0, `${title}: ${each}`);
      }
  });

  it('leads from a latency to the trace of a request', async () => {
    const id = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${id}-b7ad6b7169203331-01` };
    const { status } = await request(server, 'GET', '/api/rooms', undefined, headers);
    assert.equal(status, 200);
    const [found] = await prometheus.exemplars('hubbub_http_request_seconds_bucket{route="/api/rooms"}');
    assert.deepEqual(found.labels, { trace_id: id });
    assert.ok(Number(found.value) > 0);
    const plain = await server.get('/metrics');
    assert.equal(plain.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.doesNotMatch(plain.text, /trace_id|# EOF/);
  });

  it('sounds the alarm when the server is gone', async () => {
    await server.kill();
    const [alarm] = await prometheus.until('ALERTS{alertname="HubbubDown",alertstate="firing"}');
    assert.equal(alarm.metric.severity, 'critical');
  });
});

// What HTTP promises for every route, and the routes besides the chat, with curl.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from './support.mjs';
import { curl, post } from './curl.mjs';

let server;
let roomId;
before(async () => {
  server = await Server.start();
  roomId = (await server.createRoom('lobby')).id;
  await server.post(`/api/messages/${roomId}`, { content: 'hello' });
});
after(() => server?.stop());

const bundles = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js'];
const readable = () => [
  '/',
  '/api/rooms',
  `/api/rooms/${roomId}`,
  `/api/rooms/${roomId}/members`,
  `/api/messages/${roomId}`,
  '/api/info',
  '/openapi.json',
  '/healthz',
  '/readyz',
  '/metrics',
  ...bundles.flatMap((name) => [`/socket.io/${name}`, `/socket.io/${name}.map`]),
];

describe('HEAD', () => {
  it('answers wherever GET does, with the same headers and no body', async () => {
    for (const path of readable()) {
      const got = await curl(server, path);
      const head = await curl(server, path, '--head');
      assert.deepEqual([got.status, head.status, head.text], [200, 200, ''], path);
      assert.equal(head.headers['content-type'], got.headers['content-type'], path);
      if (path !== '/metrics') {
        assert.equal(head.headers['content-length'], String(Buffer.byteLength(got.text)), path);
      }
    }
  });

  it('answers errors as GET does', async () => {
    assert.equal((await curl(server, '/nowhere', '--head')).status, 404);
    assert.equal((await curl(server, '/api/rooms?limit=x', '--head')).status, 400);
  });
});

describe('A method that a route does not have', () => {
  it('is 405, and Allow names those that it has', async () => {
    const both = ['/api/rooms', `/api/messages/${roomId}`];
    const changeable = [`/api/rooms/${roomId}`];
    const onlyPost = ['/messages/', '/messages'];
    const cases = [
      ...readable().map((path) => [
        path,
        'DELETE',
        [
          'GET',
          'HEAD',
          ...(both.includes(path) ? ['POST'] : []),
          ...(changeable.includes(path) ? ['PATCH'] : []),
        ],
      ]),
      ...readable()
        .filter((path) => !both.includes(path))
        .map((path) => [
          path,
          'POST',
          ['GET', 'HEAD', ...(changeable.includes(path) ? ['PATCH'] : [])],
        ]),
      ...onlyPost.flatMap((path) => ['GET', 'PUT'].map((method) => [path, method, ['POST']])),
    ];
    for (const [path, method, wanted] of cases) {
      const { status, headers, body } = await curl(server, path, '--request', method);
      assert.deepEqual(
        [status, body?.error?.code],
        [405, 'method_not_allowed'],
        `${method} ${path}`,
      );
      const allowed = headers.allow.split(',').map((each) => each.trim());
      assert.deepEqual(
        allowed.filter((each) => each !== 'OPTIONS').sort(),
        wanted.sort(),
        `${method} ${path}`,
      );
    }
  });
});

describe('OPTIONS', () => {
  it('names what a path takes', async () => {
    const cases = {
      '/api/rooms': 'GET, HEAD, POST, OPTIONS',
      '/messages': 'POST, OPTIONS',
      [`/api/messages/${roomId}/1`]: 'PATCH, DELETE, OPTIONS',
      '/readyz/': 'GET, HEAD, OPTIONS',
      '/': 'GET, HEAD, OPTIONS',
      '/openapi.json': 'GET, HEAD, OPTIONS',
      '/socket.io/': 'GET, POST, OPTIONS',
      '/nowhere': 'OPTIONS',
    };
    for (const [path, wanted] of Object.entries(cases)) {
      const { status, headers } = await curl(server, path, '--request', 'OPTIONS');
      assert.deepEqual([status, headers.allow], [204, wanted], path);
    }
  });
});

describe('Answers of the API', () => {
  it('are compressed from a kilobyte on for whoever asks', async () => {
    const gzip = ['-H', 'Accept-Encoding: gzip'];
    const { headers } = await curl(server, '/metrics', ...gzip);
    assert.equal(headers['content-encoding'], 'gzip');
    assert.match(headers.vary, /Accept-Encoding/);
    const whole = await curl(server, '/metrics', '--compressed');
    assert.match(whole.text, /^hubbub_messages_stored_total /m);
    assert.equal((await curl(server, '/metrics')).headers['content-encoding'], undefined);
    assert.equal((await curl(server, '/healthz', ...gzip)).headers['content-encoding'], undefined);
  });
});

describe('A path that is no route', () => {
  it('is 404 with a JSON error', async () => {
    for (const path of [
      '/nowhere',
      '/api',
      '/api/',
      '/API/rooms',
      '/socket.io/nothing.js',
      '/messages/1',
    ]) {
      const { status, headers, body } = await curl(server, path);
      assert.deepEqual([status, body?.error?.code], [404, 'not_found'], path);
      assert.match(headers['content-type'], /^application\/json/);
    }
    assert.equal((await post(server, '/nowhere', {})).status, 404);
  });
});

describe('CORS', () => {
  const origin = ['-H', 'Origin: https://chat.example'];

  it('lets every origin read', async () => {
    for (const path of [
      ...readable(),
      '/nowhere',
      '/socket.io/?EIO=4&transport=polling',
      '/socket.io/?EIO=3',
    ]) {
      const { headers } = await curl(server, path, ...origin);
      assert.equal(headers['access-control-allow-origin'], '*', path);
    }
  });

  it('answers a preflight for every route', async () => {
    const ask = [...origin, '-H', 'Access-Control-Request-Method: POST'];
    ask.push('-H', 'Access-Control-Request-Headers: content-type,authorization');
    const paths = [
      '/api/rooms',
      `/api/messages/${roomId}`,
      '/messages/',
      '/socket.io/?EIO=4&transport=polling',
    ];
    for (const path of paths) {
      const { status, headers } = await curl(server, path, '--request', 'OPTIONS', ...ask);
      assert.equal(status, 204, path);
      assert.equal(headers['access-control-allow-origin'], '*', path);
      assert.match(headers['access-control-allow-methods'], /\bPOST\b/, path);
      assert.match(headers['access-control-allow-headers'], /content-type/i, path);
    }
  });
});

describe('CORS with a list of origins', () => {
  let strict;
  const args = ['--cors-origins', 'https://chat.example,https://other.example'];
  before(async () => (strict = await Server.start({ args })));
  after(() => strict?.stop());

  it('lets those read and no others', async () => {
    const allowed = async (path, origin, ...more) =>
      (await curl(strict, path, '-H', `Origin: ${origin}`, ...more)).headers;
    for (const path of ['/api/rooms', '/socket.io/?EIO=4&transport=polling', '/nowhere']) {
      for (const origin of ['https://chat.example', 'https://other.example']) {
        const headers = await allowed(path, origin);
        assert.equal(headers['access-control-allow-origin'], origin, path);
        assert.equal(headers['access-control-allow-credentials'], 'true', path);
        assert.match(headers.vary, /origin/i);
      }
      const bad = [
        'https://chat.example.evil',
        'http://chat.example',
        'https://evil.example',
        'null',
      ];
      for (const origin of bad) {
        const headers = await allowed(path, origin);
        assert.equal(headers['access-control-allow-origin'], undefined, `${origin} ${path}`);
      }
    }
  });
});

describe('The pages beside the chat', () => {
  it('/healthz and /readyz are 200 on a server that is well', async () => {
    for (const path of ['/healthz', '/readyz'])
      assert.equal((await curl(server, path)).status, 200);
  });

  it('/metrics is Prometheus text', async () => {
    const { status, headers, text } = await curl(server, '/metrics');
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
    assert.match(text, /^# TYPE \w+ (counter|gauge|histogram|summary)$/m);
    assert.match(text, /^hubbub_\w+(\{[^}]*\})? \d/m);
    const line = /^(#.*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="[^"]*",?)+\})? \S+)?$/;
    for (const each of text.split('\n')) assert.match(each, line);
  });

  it('/api/info tells what a client may count on', async () => {
    const { body } = await curl(server, '/api/info');
    assert.match(body.version, /^\d+\.\d+\.\d+/);
    assert.equal(body.auth, 'open');
    assert.ok(Array.isArray(body.features) && Object.keys(body.limits).length > 0);
  });

  it('/openapi.json describes every route', async () => {
    const { status, headers, body } = await curl(server, '/openapi.json');
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^application\/json/);
    assert.match(body.openapi, /^3\.1\./);
    const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.replace(/\{[^}]+\}/g, '{}')}`),
    );
    for (const route of [
      'get /api/rooms',
      'post /api/rooms',
      'get /api/rooms/{}',
      'get /api/rooms/{}/members',
      'get /api/messages/{}',
      'post /api/messages/{}',
      'post /messages',
      'get /healthz',
      'get /readyz',
      'get /metrics',
      'get /api/info',
      'get /openapi.json',
    ]) {
      assert.ok(routes.includes(route), route);
    }
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)];
    for (const [, path] of references) {
      const target = path.split('/').reduce((node, key) => node?.[key], body);
      assert.ok(target !== undefined, path);
    }
  });

  it('/openapi.json/ is the same, and it keeps what linters ask for', async () => {
    const { status, body } = await curl(server, '/openapi.json/');
    assert.equal(status, 200);
    assert.ok(body.servers.length > 0 && body.info.license.name);
    for (const { name, description } of body.tags) assert.ok(description, name);
    for (const [path, methods] of Object.entries(body.paths)) {
      assert.doesNotMatch(path, /.\/$/);
      for (const [method, { operationId, summary, responses }] of Object.entries(methods)) {
        if (method === 'parameters') continue;
        const refusals = Object.keys(responses).filter((each) => each.startsWith('4'));
        assert.ok(operationId && summary && refusals.length > 0, `${method} ${path}`);
      }
    }
  });

  it('/ is the web client', async () => {
    const { status, headers, text } = await curl(server, '/');
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/html; charset=utf-8/i);
    assert.match(text, /<!doctype html>/i);
  });

  it('/socket.io serves the browser client in three builds, and their maps', async () => {
    for (const name of bundles) {
      const { status, headers, text } = await curl(server, `/socket.io/${name}`);
      assert.equal(status, 200);
      assert.match(headers['content-type'], /^(application|text)\/javascript/);
      assert.match(text, /Socket\.IO v4\.8\.\d+/);
      const map = await curl(server, `/socket.io/${name}.map`);
      assert.match(map.headers['content-type'], /^application\/json/);
      assert.equal(map.body.version, 3);
    }
  });
});

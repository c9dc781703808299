// How the page is served: small, compressed, cached by browsers, and with a policy that lets
// nothing else in.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Server, freshName, request } from '../e2e/support.mjs';
import { inRoom, openBrowser } from './pages.mjs';

const MOST_BYTES = 100_000;

let server;
let html;
before(async () => {
  server = await Server.start();
  html = (await server.get('/')).text;
});
after(() => server?.stop());

const get = (path, headers = {}) => request(server, 'GET', path, undefined, headers);
const gzip = { 'accept-encoding': 'br;q=1.0, gzip;q=0.8, *;q=0.1' };
const assets = () => [
  ...new Set([...html.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`)),
];

describe('What the page loads', () => {
  it('has a name that changes with its content, and is kept for ever', async () => {
    const paths = assets();
    assert.ok(paths.length > 20);
    for (const path of paths) {
      assert.match(path, /^\/assets\/[0-9a-f]{16}\/[\w./]+\.(js|css|svg|png)$/);
      const { status, headers } = await get(path);
      assert.equal(status, 200, path);
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
    assert.equal((await get('/assets/0000000000000000/main.js')).status, 404);
  });

  it('is named whole by the page, so that no module waits for another', async () => {
    const named = new Set(assets());
    for (const path of [...named].filter((each) => each.endsWith('.js'))) {
      const { text } = await get(path);
      for (const [, module] of text.matchAll(/^import .* from '(\..*)';$/gm)) {
        assert.ok(named.has(new URL(module, `http://x${path}`).pathname), `${module} of ${path}`);
      }
    }
  });

  it('is compressed for those who can read it, and the same for those who cannot', async () => {
    for (const path of [
      '/',
      assets().find((each) => each.endsWith('main.js')),
      '/socket.io/socket.io.js',
    ]) {
      const plain = await get(path);
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.equal(plain.headers.vary, 'Accept-Encoding');
      for (const refused of ['gzip;q=0', 'gzip; q=0.000', 'br', 'identity', 'x-gzipped', ',;q']) {
        const { headers } = await get(path, { 'accept-encoding': refused });
        assert.equal(headers['content-encoding'], undefined, refused);
      }
      const compressed = await bytes(path);
      assert.equal(compressed.headers['content-encoding'], 'gzip');
      assert.notEqual(compressed.headers.etag, plain.headers.etag);
      assert.equal(gunzipSync(compressed.body).toString(), plain.text);
      for (const { headers } of [plain, compressed]) {
        const again = await get(path, { ...gzip, 'if-none-match': headers.etag });
        assert.equal(again.status, headers === compressed.headers ? 304 : 200);
      }
    }
  });
});

describe('The page', () => {
  it('names nothing from the root of its server, which may not be its own', async () => {
    assert.doesNotMatch(html, /(?:href|src)="\//);
    const { text, headers } = await get('/hubbub.webmanifest');
    assert.equal(headers['content-type'], 'application/manifest+json');
    const { icons, start_url: start, scope } = JSON.parse(text);
    for (const { src, type } of icons) {
      const icon = await get(`/${src}`);
      assert.deepEqual([icon.status, icon.headers['content-type']], [200, type]);
    }
    assert.deepEqual([start, scope], ['./', './']);
  });

  it('is asked for again each time', async () => {
    assert.equal((await get('/')).headers['cache-control'], 'no-cache');
  });

  it('has a policy without a hole', async () => {
    const policy = (await get('/')).headers['content-security-policy'];
    assert.match(policy, /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/);
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
  });

  it('is loaded whole with less than 100 KB, and only from its own server', async () => {
    const browser = await openBrowser();
    const ana = await inRoom(browser, server, 'Ana', freshName());
    await ana.page.goto('about:blank');
    const session = await ana.page.context().newCDPSession(ana.page);
    let total = 0;
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (total += encodedDataLength));
    await ana.page.goto(server.url);
    await ana.online();
    await ana.page.waitForLoadState('load');
    assert.ok(total > 10_000 && total < MOST_BYTES, `${total} bytes`);
    ana.assertClean();
    await browser.close();
  });
});

async function bytes(path) {
  const answer = await fetchRaw(path);
  assert.equal(answer.status, 200);
  return answer;
}

/// Gets the bytes as they were sent; `fetch` would decompress them.
async function fetchRaw(path) {
  const { default: http } = await import('node:http');
  return new Promise((resolve, reject) => {
    http
      .get(server.url + path, { headers: gzip, agent: false }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(parts),
          }),
        );
      })
      .on('error', reject);
  });
}

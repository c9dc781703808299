// The official Socket.IO Admin UI, as its package brings it, in a browser: it connects to the
// namespace /admin and shows what it is told.
import assert from 'node:assert/strict';
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { deadline } from '../e2e/support.mjs';
import { closeClients, connect } from '../e2e/clients.mjs';
import { startWithTokens, tokenOf } from '../e2e/proven.mjs';
import { openBrowser } from './pages.mjs';

const package_ = dirname(
  createRequire(import.meta.url).resolve('@socket.io/admin-ui/package.json'),
);
const folder =
  process.env.HUBBUB_SCREENSHOTS ??
  fileURLToPath(new URL('../../build/screenshots', import.meta.url));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/// Serves the files of the package, as whoever hosts the Admin UI does.
async function serveUi() {
  const ui = http.createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const file = join(package_, 'ui/dist', path === '/' ? 'index.html' : path);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => ui.listen(0, '127.0.0.1', resolve));
  return ui;
}

let ui;
let server;
let key;
let browser;
before(async () => {
  mkdirSync(folder, { recursive: true });
  ui = await serveUi();
  ({ server, key } = await startWithTokens({
    args: ['--cors-origins', `http://127.0.0.1:${ui.address().port}`],
  }));
  browser = await openBrowser();
});
after(async () => {
  closeClients();
  await browser?.close();
  await server?.stop();
  ui?.close();
});

describe('The official Admin UI', () => {
  it('connects with a key, shows the clients, and offers nothing that would change anything', async () => {
    for (const user of ['ann', 'bob']) await connect(server, { auth: { token: tokenOf(user) } });
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    page.setDefaultTimeout(deadline);
    await page.goto(`http://127.0.0.1:${ui.address().port}/`);
    const field = (label) => page.getByRole('textbox', { name: label });
    const enter = async (password) => {
      await field('Server URL').fill(server.url);
      await field('Username').fill('anybody');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Connect' }).click();
    };
    await enter('hbk_wrong');
    await page.getByText('Invalid credentials').waitFor();
    await enter(key);
    // Two clients of the chat and the page itself.
    await page.waitForFunction(() => /WebSocket\s+3\s/.test(document.body.innerText));
    await page.screenshot({ path: join(folder, 'admin-ui.png') });
    await page.goto(`http://127.0.0.1:${ui.address().port}/#/servers/`);
    await page.getByText('healthy').first().waitFor();
    await page.getByText(String(server.child.pid)).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Sockets' }).count(), 0);
  });
});

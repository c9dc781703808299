// The page below a path of another server, behind a common proxy.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Nginx } from '../e2e/nginx.mjs';
import { Server, freshName } from '../e2e/support.mjs';
import { openBrowser, person } from './pages.mjs';

/// What `docs/operations.md` says of a path, on a socket file.
const below = (upstream) => (socket) => `
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen ${socket};
    absolute_redirect off;
    location /chat/ {
      proxy_pass ${upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
    }
  }`;

let server;
let nginx;
let browser;
before(async () => {
  server = await Server.start();
  nginx = await Nginx.start(below(server.url));
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await nginx?.stop();
  await server?.stop();
});

describe('Below a path', () => {
  it('the page works whole, and asks for nothing elsewhere', async () => {
    const room = freshName();
    await server.createRoom(room);
    const ana = await person(browser, nginx, { path: `/chat/#/room/${room}` });
    const asked = [];
    const sockets = [];
    ana.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    ana.page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
    await ana.page.reload();
    await ana.enter('Ana');
    await ana.online();
    await ana.send('hello from below');
    await server.post('/messages', { room, username: 'Mira', content: 'hello from above' });
    await ana.sees('hello from above');
    assert.equal((await server.history((await roomOf(room)).id)).length, 2);

    await ana.page.locator('#show-search').click();
    await ana.page.locator('#search-text').fill('above');
    await ana.page.locator('.result').first().waitFor();
    await ana.page.locator('#new-room').click();
    const other = freshName();
    await ana.page.locator('#new-room-name').fill(other);
    await ana.page.keyboard.press('Enter');
    await ana.page.locator('#room-title').getByText(other, { exact: true }).waitFor();
    await ana.page.reload();
    await ana.online();

    assert.ok(sockets.length > 0);
    for (const path of [...asked, ...sockets]) assert.match(path, /^\/chat\//);
    // Another server of this host does not find what this one left in the browser.
    const kept = await ana.page.evaluate(() => Object.keys(localStorage));
    assert.ok(kept.length > 0);
    for (const key of kept) assert.match(key, /^hubbub\/chat\/\./);
    ana.assertClean();
    await ana.page.context().close();
  });

  it('it can be installed, and starts where it is', async () => {
    const ana = await person(browser, nginx, { path: '/chat/' });
    const session = await ana.page.context().newCDPSession(ana.page);
    const { url, data, errors } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    assert.equal(url, `${nginx.url}/chat/hubbub.webmanifest`);
    const { start_url: start, icons } = JSON.parse(data);
    assert.equal(new URL(start, url).href, `${nginx.url}/chat/`);
    for (const { src } of icons) {
      const { status } = await fetch(new URL(src, url));
      assert.equal(status, 200, src);
    }
    ana.assertClean();
    await ana.page.context().close();
  });

  it('its address without the last slash leads there', async () => {
    const ana = await person(browser, nginx, { path: '/chat' });
    await ana.page.locator('#entrance-value').waitFor();
    assert.equal(new URL(ana.page.url()).pathname, '/chat/');
    await ana.page.context().close();
  });
});

async function roomOf(name) {
  const { rooms } = (await server.get(`/api/rooms?q=${name}`)).body;
  return rooms[0];
}

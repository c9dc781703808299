// The page below a path of another server, behind a common proxy.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server, freshName, temporaryFolder, within } from '../e2e/support.mjs';
import { openBrowser, person } from './pages.mjs';

const program = '/usr/sbin/nginx';

/// Runs nginx on a socket file, which needs no free port, configured as in `docs/operations.md`.
class Nginx {
  static async start(upstream) {
    assert.ok(existsSync(program), `${program} is missing: apt-get install nginx-light`);
    const nginx = new Nginx();
    await nginx.#launch(upstream);
    return nginx;
  }

  async #launch(upstream) {
    const folder = temporaryFolder();
    this.socket = join(folder, 'nginx.sock');
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const files = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n');
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
${process.getuid() === 0 ? 'user root;' : ''}
events {}
http {
  access_log off;
  ${files}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen unix:${this.socket};
    absolute_redirect off;
    location /chat/ {
      proxy_pass ${upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
    }
  }
}
`,
    );
    const watcher = watch(folder);
    this.child = spawn(program, ['-c', file, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
    process.once('exit', () => this.child.kill('SIGKILL'));
    let said = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    const ended = once(this.child, 'exit').then(() => Promise.reject(new Error(said)));
    const there = (async () => {
      while (!existsSync(this.socket)) await once(watcher, 'change');
    })();
    await within(Promise.race([there, ended]), 'nginx');
    ended.catch(() => {});
    watcher.close();
    await this.#listen();
  }

  /// Gives it a free port.
  async #listen() {
    this.front = net.createServer((client) => {
      const there = net.connect(this.socket);
      client.pipe(there).pipe(client);
      for (const each of [client, there]) each.on('error', () => [client, there].map((e) => e.destroy()));
    });
    this.front.listen(0, '127.0.0.1');
    await once(this.front, 'listening');
    this.url = `http://127.0.0.1:${this.front.address().port}`;
  }

  async stop() {
    this.front.close();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await within(ended, 'the end of nginx');
  }
}

let server;
let nginx;
let browser;
before(async () => {
  server = await Server.start();
  nginx = await Nginx.start(server.url);
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

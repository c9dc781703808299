// Several servers on one PostgreSQL in the place of one, behind an nginx that knows nothing of sessions:
// each request goes to the next of them. `Server.start` starts them if HUBBUB_TEST_NODES says how many;
// tests/support/with_nodes.sh sets it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Nginx } from './nginx.mjs';
import { heldPort } from './ports.mjs';
import { Server, temporaryFolder } from './support.mjs';

/// Returns the section http of an nginx that gives each request to the next of these ports.
const inTurn = (ports) => (socket) => `
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream nodes {
    ${ports.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join('\n    ')}
    keepalive 32;
  }
  server {
    listen ${socket};
    client_max_body_size 0;
    location / {
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 1h;
    }
  }`;

export class Cluster extends Server {
  constructor(options) {
    super(options);
    this.options = options;
  }

  /// Starts the servers, on the same ports each time, and returns when all know of each other.
  async launch() {
    this.nodes ??= await this.#make();
    const [first, ...rest] = this.nodes;
    const from = this.nodes.map((each) => each.log.length);
    await first.launch(); // which makes the tables
    await Promise.all(rest.map((each) => each.launch()));
    await Promise.all(
      this.nodes.map((each, i) => each.logged(/node_found/g, { count: rest.length, from: from[i] })),
    );
    this.front ??= await Nginx.start(inTurn(this.nodes.map(({ port }) => port)));
    this.url = this.front.url;
    this.port = Number(new URL(this.url).port);
  }

  async #make() {
    const secret = join(temporaryFolder(), 'secret');
    writeFileSync(secret, `${'0123456789'.repeat(4)}\n`);
    const nodes = [];
    for (let number = 1; number <= Number(process.env.HUBBUB_TEST_NODES); ++number) {
      const place = `127.0.0.1:${await heldPort()}`;
      const args = [
        ...['--node-id', String(number), '--bus', 'postgres', '--head-poll', '100ms'],
        ...['--node-listen', place, '--node-secret-file', secret, ...(this.options.args ?? [])],
      ];
      nodes.push(new Server({ ...this.options, args, database: this.database }));
    }
    return nodes;
  }

  async stop(signal) {
    for (const each of this.nodes) await each.stop(signal);
  }

  async kill() {
    await Promise.all(this.nodes.map((each) => each.kill()));
  }

  logged(pattern, options) {
    return Promise.any(this.nodes.map((each) => each.logged(pattern, options)));
  }

  /// Returns the sum over all servers.
  async metric(name) {
    const values = await Promise.all(this.nodes.map((each) => each.metric(name)));
    return values.reduce((sum, each) => sum + each, 0);
  }
}

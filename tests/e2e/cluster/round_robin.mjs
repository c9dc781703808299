// A proxy that sends each request, and each WebSocket, to the next of several servers, whatever session
// it is for. A server that refuses the connection is passed over.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

export class RoundRobin {
  /// With `avoid`, which says of a server and a path whether the path's session lives there, no
  /// request of a session comes to its own server.
  static async start(servers, avoid = () => false) {
    const proxy = new RoundRobin();
    proxy.servers = servers;
    proxy.avoid = avoid;
    proxy.turn = 0;
    proxy.agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
    proxy.front = http.createServer((asked, answer) => proxy.pass(asked, answer));
    proxy.front.on('upgrade', (asked, client, head) => proxy.pipe(asked, client, head));
    proxy.front.listen(0, '127.0.0.1');
    await once(proxy.front, 'listening');
    proxy.url = `http://127.0.0.1:${proxy.front.address().port}`;
    return proxy;
  }

  next(path) {
    for (;;) {
      const server = this.servers[this.turn++ % this.servers.length];
      if (!this.avoid(server, path)) return server;
    }
  }

  async pass(asked, answer) {
    const body = [];
    for await (const part of asked) body.push(part);
    const attempt = (left) => {
      const { method, url: path, headers } = asked;
      const there = http.request({ host: '127.0.0.1', port: this.next(path).port, method, path, headers, agent: this.agent });
      answer.on('close', () => there.destroy());
      there.on('response', (got) => {
        answer.writeHead(got.statusCode, got.rawHeaders);
        got.pipe(answer);
        got.on('error', () => answer.destroy());
      });
      there.on('error', ({ code }) => {
        if (code === 'ECONNREFUSED' && left > 1) attempt(left - 1);
        else answer.destroy();
      });
      there.end(Buffer.concat(body));
    };
    attempt(this.servers.length);
  }

  pipe(asked, client, head, left = this.servers.length) {
    const there = net.connect(this.next(asked.url).port, '127.0.0.1');
    client.on('error', () => there.destroy());
    client.on('close', () => there.destroy());
    there.on('connect', () => {
      const fields = asked.rawHeaders.map((each, i) => (i % 2 === 0 ? `${each}: ` : `${each}\r\n`));
      there.write(`GET ${asked.url} HTTP/1.1\r\n${fields.join('')}\r\n`);
      there.write(head);
      client.pipe(there).pipe(client);
      there.on('close', () => client.destroy());
    });
    there.on('error', ({ code }) => {
      if (code === 'ECONNREFUSED' && left > 1) this.pipe(asked, client, head, left - 1);
      else client.destroy();
    });
  }

  stop() {
    this.front.close();
    this.front.closeAllConnections();
    this.agent.destroy();
  }
}

// A proxy in front of a Redis that loses, doubles and swaps a tenth each of what is published to whoever
// connects through it. Answers to commands come as they are.
import { once } from 'node:events';
import net from 'node:net';

export class LossyRedis {
  /// Decides by `dice` (chaos/random.mjs).
  static async start(redis, dice) {
    const proxy = new LossyRedis();
    proxy.dice = dice;
    proxy.lost = proxy.doubled = proxy.swapped = 0;
    proxy.listener = net.createServer((client) => proxy.carry(client, redis.port)).listen(0, '127.0.0.1');
    await once(proxy.listener, 'listening');
    proxy.url = `redis://127.0.0.1:${proxy.listener.address().port}`;
    return proxy;
  }

  carry(client, port) {
    const server = net.connect(port, '127.0.0.1');
    let unread = Buffer.alloc(0);
    let held; // a message that the next one overtakes
    const pass = (reply) => {
      if (!isMessage(reply)) return client.write(reply);
      const fate = held ? 'none' : this.dice.weighed({ lost: 10, doubled: 10, swapped: 10, none: 70 });
      if (fate !== 'none') ++this[fate];
      if (fate === 'lost') return;
      if (fate === 'swapped') {
        held = reply;
        return;
      }
      client.write(reply);
      if (fate === 'doubled') client.write(reply);
      if (held) client.write(held);
      held = undefined;
    };
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      unread = Buffer.concat([unread, data]);
      for (let end; (end = endOfReply(unread, 0)) > 0; unread = unread.subarray(end)) pass(unread.subarray(0, end));
    });
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }

  stop() {
    this.listener.close();
  }
}

const isMessage = (reply) => reply.subarray(0, 17).toString('latin1') === '*3\r\n$7\r\nmessage\r\n';

/// Returns where the reply ends that begins at `from`; -1 if its end has not come yet.
function endOfReply(bytes, from) {
  const line = bytes.indexOf('\r\n', from, 'latin1');
  if (line < 0) return -1;
  const count = Number(bytes.subarray(from + 1, line));
  let end = line + 2;
  switch (String.fromCharCode(bytes[from])) {
    case '$':
      if (count >= 0) end += count + 2;
      return end <= bytes.length ? end : -1;
    case '*':
      for (let i = 0; i < count && end > 0; ++i) end = endOfReply(bytes, end);
      return end;
    default:
      return end;
  }
}

// Engine.IO 4 against the echo server: handshake, both transports, heartbeat, close and upgrade.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server, request } from './support.mjs';
import { EnginePolling, EngineWebSocket } from './raw.mjs';

const path = '/engine.io/';

let server;
before(async () => (server = await Server.start({ program: 'hubbub-echo' })));
after(() => server?.stop());

const openPolling = () => EnginePolling.open(server, { path });
const openWebSocket = (options) => EngineWebSocket.open(server, { path, ...options });
const polling = 'EIO=4&transport=polling';

/// What the specification answers in each case.
async function assertRefused(method, query, code, message) {
  const { status, body, headers } = await request(server, method, `${path}?${query}`);
  assert.equal(status, 400, `${method} ${query}`);
  assert.deepEqual(body, { code, message });
  assert.match(headers['content-type'], /^application\/json/);
}

describe('An Engine.IO handshake over long-polling', () => {
  it('answers with an open packet and nothing else', async () => {
    const { status, text, headers } = await request(server, 'GET', `${path}?${polling}`);
    assert.equal(status, 200);
    assert.equal(headers['content-type'].toLowerCase(), 'text/plain; charset=utf-8');
    assert.equal(text[0], '0');
    const { sid, ...rest } = JSON.parse(text.slice(1));
    assert.deepEqual(rest, {
      upgrades: ['websocket'],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    });
    assert.match(sid, /^[A-Za-z0-9_-]{20,}$/);
  });

  it('takes other parameters beside those of the protocol', async () => {
    const { status } = await request(server, 'GET', `${path}?t=abc&${polling}&b64=1&x=%20%C3%A9`);
    assert.equal(status, 200);
  });

  it('is refused with the code of the specification', async () => {
    await assertRefused('GET', 'EIO=4', 0, 'Transport unknown');
    await assertRefused('GET', 'EIO=4&transport=abc', 0, 'Transport unknown');
    await assertRefused('GET', 'EIO=4&transport=', 0, 'Transport unknown');
    await assertRefused('GET', `${polling}&sid=unknown`, 1, 'Session ID unknown');
    await assertRefused('POST', `${polling}&sid=unknown`, 1, 'Session ID unknown');
    await assertRefused('POST', polling, 2, 'Bad handshake method');
    await assertRefused('PUT', polling, 2, 'Bad handshake method');
    await assertRefused('GET', 'EIO=4&transport=websocket', 3, 'Bad request');
    await assertRefused('GET', 'EIO=3&transport=polling', 5, 'Unsupported protocol version');
    await assertRefused('GET', 'EIO=abc&transport=polling', 5, 'Unsupported protocol version');
    await assertRefused('GET', 'transport=polling', 5, 'Unsupported protocol version');
  });
});

describe('An Engine.IO handshake over WebSocket', () => {
  it('answers with an open packet that names no upgrades', async () => {
    const session = await openWebSocket();
    const { sid, upgrades } = session.handshake;
    assert.deepEqual(upgrades, []);
    assert.match(sid, /^[A-Za-z0-9_-]{20,}$/);
    session.ws.close();
  });

  for (const query of [
    'transport=websocket',
    'EIO=abc&transport=websocket',
    'EIO=3&transport=websocket',
    'EIO=4',
    'EIO=4&transport=abc',
    'EIO=4&transport=websocket&sid=unknown',
  ]) {
    it(`is refused with ${query}`, async () => {
      await new EngineWebSocket(server, { path, query }).closed;
    });
  }
});

describe('Engine.IO messages over long-polling', () => {
  it('go in payloads of text and base64 packets, in order', async () => {
    const session = await openPolling();
    for (const payload of ['4hello', '4', '4a\x1e4b\x1e4c', '4hello\x1ebAQIDBA==', 'b', '4🎈é\n']) {
      await session.send(payload);
      const responses = await session.pollUntil(payload.split('\x1e').length);
      assert.equal(responses.flat().join('\x1e'), payload);
    }
  });

  it('answer a poll that waits', async () => {
    const session = await openPolling();
    const polled = session.poll();
    await session.send('4now');
    assert.deepEqual(await polled, ['4now']);
  });

  it('are taken whatever the content type of the POST', async () => {
    const session = await openPolling();
    for (const type of ['application/octet-stream', 'text/plain;charset=UTF-8', 'x/y']) {
      const headers = { 'content-type': type };
      const { status, text } = await request(server, 'POST', session.target, '4x', headers);
      assert.deepEqual([status, text], [200, 'ok']);
      assert.deepEqual((await session.pollUntil(1)).flat(), ['4x']);
    }
  });

  it('come at most 16 in a response, all of them, in order', async () => {
    const session = await openPolling();
    const packets = Array.from({ length: 50 }, (_, i) => `4m${i}`);
    await session.send(...packets);
    const responses = await session.pollUntil(50);
    for (const response of responses) assert.ok(response.length <= 16, response.length);
    assert.deepEqual(responses.flat(), packets);
  });

  it('never make a response larger than maxPayload, unless one packet alone is', async () => {
    const session = await openPolling();
    const packets = Array.from({ length: 10 }, (_, i) => `4${String(i).repeat(400_000)}`);
    const got = [];
    for (const packet of packets) await session.send(packet);
    while (got.length < packets.length) {
      const response = await session.poll();
      assert.ok(response.join('\x1e').length <= 1_000_000);
      got.push(...response);
    }
    assert.deepEqual(
      got.map((packet) => packet.slice(0, 5)),
      packets.map((p) => p.slice(0, 5)),
    );
  });

  it('that are malformed close the session with 400', async () => {
    for (const payload of ['abc', '', '4a\x1e', '\x1e4a', '7x', 'b!!!', '4a\x1e9', '0{}']) {
      const session = await openPolling();
      assert.equal((await session.post(payload)).status, 400, JSON.stringify(payload));
      assert.equal((await session.get()).status, 400, JSON.stringify(payload));
    }
  });

  it('over maxPayload are refused with 413 and close the session', async () => {
    const session = await openPolling();
    assert.equal((await session.post(`4${'x'.repeat(1_000_000)}`)).status, 413);
    assert.equal((await session.get()).status, 400);
    const other = await openPolling();
    await other.send(`4${'x'.repeat(999_999)}`);
    assert.equal((await other.pollUntil(1)).flat()[0].length, 1_000_000);
  });

  it('may be larger together than maxPayload, by half, and in base64', async () => {
    const session = await openPolling();
    const binary = (size) => `b${Buffer.alloc(size, 7).toString('base64')}`;
    await session.send(`4${'x'.repeat(900_000)}`, `4${'y'.repeat(599_000)}`);
    await session.send(binary(1_000_000));
    const back = (await session.pollUntil(3)).flat();
    assert.deepEqual(back.map((packet) => packet.length), [900_001, 599_001, binary(1_000_000).length]);
    assert.equal((await session.post(binary(1_000_001))).status, 413);
    assert.equal((await session.get()).status, 400);
    const other = await openPolling();
    const posted = await other.post(Array(3).fill(`4${'x'.repeat(499_999)}`).join('\x1e')); // and two separators
    assert.equal(posted.status, 413);
    assert.equal((await other.get()).status, 400);
  });
});

describe('A second poll at the same time', () => {
  it('is refused, and the session is closed', async () => {
    const session = await openPolling();
    const answers = await Promise.all([session.get(), session.get()]);
    const byStatus = answers.sort((a, b) => a.status - b.status);
    assert.deepEqual(
      byStatus.map(({ status }) => status),
      [200, 400],
    );
    assert.equal(byStatus[0].text, '1');
    assert.equal((await session.get()).status, 400);
  });
});

describe('Engine.IO messages over WebSocket', () => {
  it('go one in a frame, text or binary', async () => {
    const session = await openWebSocket();
    for (const text of ['4hello', '4', '4🎈', `4${'x'.repeat(999_999)}`]) {
      session.send(text);
      assert.equal(await session.next(), text);
    }
    for (const bytes of [[1, 2, 3, 4], [], [0, 255]]) {
      session.send(Buffer.from(bytes));
      assert.deepEqual([...(await session.next())], bytes);
    }
    session.ws.close();
  });

  it('that are malformed close the session', async () => {
    for (const packet of ['abc', '', '9', '0{}']) {
      const session = await openWebSocket();
      session.send(packet);
      await session.closed;
    }
  });
});

describe('The heartbeat', () => {
  let server;
  before(async () => {
    const args = ['--ping-interval', '300', '--ping-timeout', '2000'];
    server = await Server.start({ program: 'hubbub-echo', args });
  });
  after(() => server?.stop());
  const openPolling = () => EnginePolling.open(server, { path });
  const openWebSocket = (options) => EngineWebSocket.open(server, { path, ...options });

  it('keeps the intervals that the handshake tells', async () => {
    const { handshake } = await openPolling();
    assert.deepEqual([handshake.pingInterval, handshake.pingTimeout], [300, 2_000]);
  });

  it('is a ping of the server and a pong of the client over long-polling', async () => {
    const session = await openPolling();
    for (let i = 0; i < 3; ++i) {
      assert.equal((await session.get()).text, '2');
      await session.send('3');
    }
  });

  it('is a ping of the server and a pong of the client over WebSocket', async () => {
    const session = await openWebSocket();
    for (let i = 0; i < 5; ++i) await session.nextPing();
    session.send('4alive');
    assert.equal(await session.next(), '4alive');
    session.ws.close();
  });

  it('goes on over the WebSocket after an upgrade', async () => {
    const session = await openPolling();
    const socket = await openWebSocket({ sid: session.sid });
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    socket.send('5');
    for (let i = 0; i < 3; ++i) await socket.nextPing();
    socket.ws.close();
  });

  it('ends a WebSocket that does not answer', async () => {
    await (
      await openWebSocket({ silent: true })
    ).closed;
  });

  it('ends a long-polling session that does not answer', async () => {
    const session = await openPolling();
    assert.equal((await session.get()).text, '2');
    let answer;
    do answer = await session.get();
    while (answer.status === 200);
    assert.deepEqual(answer.body, { code: 1, message: 'Session ID unknown' });
  });
});

describe('A close packet', () => {
  it('over long-polling ends the waiting poll with a noop', async () => {
    const session = await openPolling();
    const polled = session.get();
    await session.send('1');
    const { status, text } = await polled;
    assert.deepEqual([status, text], [200, '6']);
    assert.equal((await session.get()).status, 400);
  });

  it('over WebSocket closes it', async () => {
    const session = await openWebSocket();
    session.send('1');
    await session.closed;
  });
});

describe('The upgrade', () => {
  it('moves the session to the WebSocket after probe, noop and upgrade packet', async () => {
    const session = await openPolling();
    const polled = session.get();
    const socket = await openWebSocket({ sid: session.sid });
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    assert.equal((await polled).text, '6');
    socket.send('5');
    socket.send('4hello');
    assert.equal(await socket.next(), '4hello');
    socket.ws.close();
  });

  it('loses and reorders nothing that is sent while it happens', async () => {
    const session = await openPolling();
    const socket = await openWebSocket({ sid: session.sid });
    const got = [];
    await session.send('40', '41', '42');
    socket.send('2probe');
    await session.send('43', '44');
    assert.equal(await socket.next(), '3probe');
    await session.send('45');
    for (let noop = false; !noop;) {
      const packets = await session.poll();
      noop = packets.includes('6');
      got.push(...packets.filter((packet) => packet !== '6'));
    }
    socket.send('5');
    socket.send('46');
    while (got.length < 7) got.push(await socket.next());
    assert.deepEqual(got, ['40', '41', '42', '43', '44', '45', '46']);
    socket.ws.close();
  });

  it('done, the session answers no HTTP request and takes no second WebSocket', async () => {
    const session = await openPolling();
    const socket = await openWebSocket({ sid: session.sid });
    socket.send('2probe');
    socket.send('5');
    assert.equal(await socket.next(), '3probe');
    socket.send('4upgraded');
    assert.equal(await socket.next(), '4upgraded');
    assert.equal((await session.get()).status, 400);
    assert.equal((await session.post('4x')).status, 400);
    await new EngineWebSocket(server, { path, sid: session.sid }).closed;
    socket.send('4hello');
    assert.equal(await socket.next(), '4hello');
    socket.ws.close();
  });

  it('given up by the client leaves the session on long-polling', async () => {
    const session = await openPolling();
    const socket = await openWebSocket({ sid: session.sid });
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    socket.ws.terminate();
    await socket.closed;
    await session.send('4still here');
    const packets = [];
    while (!packets.includes('4still here')) packets.push(...(await session.poll()));
  });

  it('that begins with anything but the probe closes that WebSocket alone', async () => {
    const session = await openPolling();
    const socket = await openWebSocket({ sid: session.sid });
    socket.send('4not a probe');
    await socket.closed;
    await session.send('4hello');
    const packets = [];
    while (!packets.includes('4hello')) packets.push(...(await session.poll()));
  });

  it('that is not completed in time closes that WebSocket alone', async () => {
    const args = ['--upgrade-timeout', '2000'];
    const hasty = await Server.start({ args });
    const session = await EnginePolling.open(hasty);
    const socket = await EngineWebSocket.open(hasty, { sid: session.sid });
    socket.send('2probe');
    assert.equal(await socket.next(), '3probe');
    await socket.closed;
    await session.send('40');
    const packets = [];
    while (!packets.some((packet) => packet.startsWith('40{')))
      packets.push(...(await session.poll()));
    await session.send('1');
    await hasty.stop();
  });
});

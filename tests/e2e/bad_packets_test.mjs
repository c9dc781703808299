// Violations of Socket.IO by one client, over both transports: it is closed, the others never
// notice.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Server, freshName } from './support.mjs';
import { ask, closeClients, connect, join, nextEvent, send } from './clients.mjs';
import { EnginePolling, EngineWebSocket, connectRaw } from './raw.mjs';

let server;
let alice;
let bob;
let room;
before(async () => {
  server = await Server.start();
  room = freshName();
  alice = await connect(server, { username: 'alice' });
  bob = await connect(server, { username: 'bob', transports: ['polling'] });
  await join(alice, room);
  await join(bob, room);
});
after(async () => {
  closeClients();
  await server?.stop();
});

/// Clients that were there all the time, and new ones, are served.
afterEach(async () => {
  const message = await send(alice, room, 'still here');
  assert.deepEqual(await nextEvent(bob, 'new_message', ({ id }) => id === message.id), message);
  const session = await connectRaw(server);
  session.ws.terminate();
});

const nested = (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const placeholder = '{"_placeholder":true,"num":0}';

const violations = {
  'an unknown packet type': ['49["x"]'],
  'a packet type that is no digit': ['4abc'],
  'an empty message': ['4'],
  'an event that is an object': ['42{}'],
  'an event that is a string': ['42"join_room"'],
  'an event that is a number': ['425'],
  'an event without a payload': ['42'],
  'an empty event': ['42[]'],
  'an event whose name is an object': ['42[{}]'],
  'an event whose name is null': ['42[null]'],
  'an event that is no JSON': ['42["join_room",{]'],
  'an event with something behind it': ['42["x"]y'],
  'an ack id that is no number': ['42abc["join_room","x"]'],
  'an ack id of 1,000 digits': [`42${'9'.repeat(1000)}["join_room","x"]`],
  'an ack that is no array': ['431{}'],
  'an ack without a payload': ['431'],
  'a reserved event name, connect': ['42["connect"]'],
  'a reserved event name, disconnect': ['42["disconnect"]'],
  'a reserved event name, connect_error': ['42["connect_error"]'],
  'a reserved event name, disconnecting': ['42["disconnecting"]'],
  'a reserved event name, newListener': ['42["newListener"]'],
  'a reserved event name, removeListener': ['42["removeListener"]'],
  'JSON nested 65 deep': [`42["x",${nested(64)}]`],
  'JSON nested 10,000 deep': [`42["x",${nested(10_000)}]`],
  'JSON nested 300,000 deep and never closed': [`42["x",${'['.repeat(300_000)}`],
  'a CONNECT with a payload that is no object': ['40"x"'],
  'a CONNECT_ERROR from the client': ['44{"message":"x"}'],
  'ten to the ninth declared attachments': [`451000000000-["x",${placeholder}]`],
  'eleven declared attachments': [`4511-["x",${placeholder}]`],
  'attachments without a count': [`45["x",${placeholder}]`],
  'a count of attachments that is no number': [`45x-["x",${placeholder}]`],
  'a placeholder with no attachment announced': [`450-["x",{"_placeholder":true,"num":7}]`],
  'a placeholder beyond the attachments': ['451-["x",{"_placeholder":true,"num":1}]', 'bAQ=='],
  'an attachment that was not announced': ['bAQIDBA=='],
  'text where an attachment was announced': [`451-["x",${placeholder}]`, '42["join_room","x"]'],
  'a packet for a namespace never joined': ['42/custom,["x"]'],
};

const asFrame = (packet) =>
  packet.startsWith('b') ? Buffer.from(packet.slice(1), 'base64') : packet;

describe('Over WebSocket the connection is closed by', () => {
  for (const [title, packets] of Object.entries(violations)) {
    it(title, async () => {
      const session = await connectRaw(server, { auth: { username: 'mallory' } });
      for (const packet of packets) session.send(asFrame(packet));
      await session.closed;
    });
  }
});

describe('Over long-polling the session is closed by', () => {
  for (const [title, packets] of Object.entries(violations)) {
    it(title, async () => {
      const session = await EnginePolling.connect(server, { username: 'mallory' });
      await session.post(packets.join('\x1e'));
      let answer;
      do answer = await session.get();
      while (answer.status === 200);
      assert.deepEqual([answer.status, answer.body.code], [400, 1]);
    });
  }
});

describe('Before CONNECT', () => {
  for (const packets of [
    ['42["join_room","lobby"]'],
    ['41'],
    ['431[]'],
    [`451-["join_room",${placeholder}]`, 'bAQ=='],
  ]) {
    it(`${packets[0]} closes the connection and does nothing`, async () => {
      const session = await EngineWebSocket.open(server);
      for (const packet of packets) session.send(asFrame(packet));
      await session.closed;
      const { body } = await server.get('/api/rooms?q=lobby');
      assert.deepEqual(body.rooms, []);
    });
  }
});

describe('What is wrong in the chat alone closes nothing:', () => {
  let session;
  let id = 0;
  beforeEach(async () => (session = await connectRaw(server, { auth: { username: 'clumsy' } })));

  const answerTo = async (event) => {
    session.send(`42${++id}${event}`);
    const ack = await session.find((packet) => packet.startsWith(`43${id}[`));
    return JSON.parse(ack.slice(ack.indexOf('[')))[0];
  };

  for (const [title, event, code] of [
    ['numbers where strings belong', '["send_message",{"room":"x","content":5}]', 'bad_request'],
    ['strings where numbers belong', '["join_room",{"room":"x","history":"5"}]', 'bad_request'],
    ['lists where objects belong', '["join_room",[1,2,3]]', 'bad_request'],
    ['a room that is deep but not too deep', `["join_room",${nested(60)}]`, 'bad_request'],
    ['a negative room', '["join_room",{"room_id":-1}]', undefined],
    ['a room number beyond 64 bits', '["join_room",{"room_id":99999999999999999999}]', undefined],
    ['digits beyond 64 bits', '["join_room",{"room_id":"99999999999999999999"}]', undefined],
    ['a room name of 900 KB', `["join_room",{"room":"${'x'.repeat(900_000)}"}]`, 'bad_request'],
    [
      'content of 900 KB',
      `["send_message",{"room":"x","content":"${'x'.repeat(900_000)}"}]`,
      'too_large',
    ],
    ['an event name of 900 KB', `["${'x'.repeat(900_000)}"]`, 'unknown_event'],
    ['keys that come twice', '["typing",{"room":"x","room":"y"}]', undefined],
    ['too many arguments', '["shout",1,2,3,4,5,6,7,8,9]', 'unknown_event'],
  ]) {
    it(title, async () => {
      const answer = await answerTo(event);
      assert.equal(answer.ok, false);
      if (code) assert.equal(answer.error.code, code);
      else assert.match(answer.error.code, /^(bad_request|not_found)$/);
      assert.ok(JSON.stringify(answer).length < 1000);
      session.ws.terminate();
    });
  }

  it('an ack id of zero or of eight digits', async () => {
    for (const number of ['0', '12345678']) {
      session.send(`42${number}["shout"]`);
      await session.find((packet) => packet.startsWith(`43${number}[{"ok":false`));
    }
    session.ws.terminate();
  });
});

describe('Fifty messages that wait for one poll', () => {
  it('come at most 16 in a response, all of them, in order', async () => {
    const session = await EnginePolling.connect(server, { username: 'sleepy' });
    await session.send(`421["join_room",${JSON.stringify(room)}]`);
    await session.pollUntil(1);
    const sent = [];
    for (let i = 0; i < 50; ++i) sent.push(await send(alice, room, `m${i}`));
    const responses = await session.pollUntil(50);
    for (const response of responses) assert.ok(response.length <= 16, `${response.length}`);
    const contents = responses.flat().map((packet) => JSON.parse(packet.slice(2))[1]);
    assert.deepEqual(contents, sent);
    await session.send('1');
    await nextEvent(alice, 'user_left', ({ user_id }) => user_id === 'sleepy');
    assert.equal((await ask(alice, 'get_members', room)).members_total, 2);
  });
});

// Plays examples/game, whose number is 7. Its argument is the address.
import assert from 'node:assert/strict';
import { io } from 'socket.io-client';

const url = process.argv[2];
const heard = (socket, event) => new Promise((done) => socket.once(event, (...args) => done(args)));
const patient = (socket) => socket.timeout(60_000);

// The namespace.
const stranger = io(`${url}/game`, { auth: {} });
assert.equal((await heard(stranger, 'connect_error'))[0].message, 'who are you?');
stranger.close();
const [ann, bob] = ['ann', 'bob'].map((name) => io(`${url}/game`, { auth: { name } }));
assert.equal(await patient(ann).emitWithAck('guess', 3), 'low');
assert.equal(await patient(bob).emitWithAck('guess', 9), 'high');
const won = [heard(ann, 'won'), heard(bob, 'won')];
assert.equal(await patient(bob).emitWithAck('guess', 7), 'right');
assert.deepEqual(await Promise.all(won), [[{ name: 'bob' }], [{ name: 'bob' }]]);

// The event in the chat, beside the chat's own.
const [eve, dan] = ['eve', 'dan'].map((username) => io(url, { auth: { username } }));
for (const each of [eve, dan])
  assert.equal((await patient(each).emitWithAck('join_room', { room: 'den' })).ok, true);
const rolled = heard(dan, 'rolled');
assert.deepEqual(await patient(eve).emitWithAck('roll', { room: 'den' }), { ok: true, number: 4 });
assert.deepEqual(await rolled, [{ by: 'eve', number: 4 }]);
assert.deepEqual(await patient(eve).emitWithAck('dance', {}), {
  ok: false,
  error: { code: 'bad_request', message: 'this game only rolls' },
});
assert.equal(
  (await patient(eve).emitWithAck('send_message', { room: 'den', content: 'hi' })).message.content,
  'hi',
);
for (const each of [ann, bob, eve, dan]) each.close();

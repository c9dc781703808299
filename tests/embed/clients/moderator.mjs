// Talks to examples/moderator, whose list has the word "rubbish". Its argument is the address.
import assert from 'node:assert/strict';
import { io } from 'socket.io-client';

const socket = io(process.argv[2], { auth: { username: 'eve' } });
const ask = (event, body) => socket.timeout(60_000).emitWithAck(event, { room: 'lobby', ...body });
const say = (content) => ask('send_message', { content });

assert.equal((await ask('join_room', {})).ok, true);
assert.equal((await say('good morning')).message.content, 'good morning');
assert.equal((await say('GOOD MORNING')).message.content, 'good morning');
for (let i = 0; i < 2; ++i) {
  assert.deepEqual(await say('what rubbish'), {
    ok: false,
    error: { code: 'forbidden', message: 'not in these words' },
  });
}
// The third one mutes, and the mute and the answer race: either may be the reason given.
assert.equal((await say('what rubbish')).error.code, 'forbidden');
let answer = await say('sorry');
while (answer.ok) answer = await say('sorry');
assert.deepEqual(answer.error, { code: 'forbidden', message: 'you are muted in this room' });
socket.close();

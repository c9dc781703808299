// The good clients in a process of their own, so that the attackers do not take their time from them.
// Its parent is told `ready` when they talk, says `finish`, and is told `{said}` or `{failure}`.
import { request } from '../support.mjs';
import { GoodClients } from './good_clients.mjs';
import { bearer } from './tokens.mjs';

const url = process.argv[2];
const server = { url, get: (path) => request(server, 'GET', path, undefined, bearer('good')) };

const good = await GoodClients.gather(server);
process.on('message', async () => {
  try {
    process.send({ said: await good.finish() });
  } catch (error) {
    process.send({ failure: error.stack });
  }
});
process.on('disconnect', () => process.exit());
process.send('ready');

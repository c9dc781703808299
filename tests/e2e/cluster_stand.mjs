// Several servers behind an nginx (cluster_server.mjs) for tests that are not written in JavaScript:
// `node cluster_stand.mjs ARGUMENT…` starts them with these arguments, as many as HUBBUB_TEST_NODES says,
// and prints "listening on URL" as one server does. SIGTERM ends them; it exits with 0 if all of them
// ended in order.
import { Server } from './support.mjs';

const server = await Server.start({ args: process.argv.slice(2) });
setInterval(() => {}, 1 << 30); // nothing else keeps this process
process.once('SIGTERM', async () => {
  await server.stop();
  process.exit(0); // connections that clients have left open to the nginx would keep it
});
console.log(`listening on ${server.url}`);

#!/bin/bash
# Finding: with @socket.io/postgres-adapter events that one server emits one after another arrive in any order.
#
# Packages: socket.io 4.8.1, socket.io-client 4.8.1, socket.io-adapter 2.5.5, @socket.io/postgres-adapter 0.5.0 and
# pg 8.13.1 from npm, and PostgreSQL 15 of Debian 12.
#
# One would guess: Socket.IO promises that messages arrive in the order in which they were sent, and PostgreSQL delivers
# notifications in the order of their commits, so twenty `io.emit()` in a row arrive as 1 to 20.
#
# What happens: each event is a NOTIFY on whatever connection of the pool is free, so that they race; and even the clients
# of the server that emits wait for that statement's answer. An event of more than 8,000 bytes, or with binary data, is
# stored in a table first and read from there by every other server, where a small one that follows overtakes it.
set -u
folder=$(mktemp -d) || exit 2
bin=/usr/lib/postgresql/15/bin
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; } # initdb refuses root
trap 'as_postgres $bin/pg_ctl -D "$folder/server/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' postgresql-15 2>/dev/null)
case $version in
  15.*) echo "postgresql-15 $version" ;;
  *) echo "this needs postgresql-15 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-client@4.8.1 socket.io-adapter@2.5.5 \
  @socket.io/postgres-adapter@0.5.0 pg@8.13.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-client socket.io-adapter @socket.io/postgres-adapter pg; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done
chmod 711 "$folder"
mkdir server && { [ "$(id -u)" != 0 ] || chown postgres server; }
as_postgres $bin/initdb -D server/data -A trust -U postgres --no-sync >initdb.log 2>&1 || { cat initdb.log; exit 2; }
as_postgres $bin/pg_ctl -D server/data -l server/log -w \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder/server' -c fsync=off" start >start.log 2>&1 ||
  { cat start.log; exit 2; }

cat >try.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { createAdapter } from '@socket.io/postgres-adapter';
import pg from 'pg';

const options = { host: process.argv[2], user: 'postgres', database: 'postgres' };
const setup = new pg.Client(options);
await setup.connect();
await setup.query(
  'CREATE TABLE socket_io_attachments (id bigserial UNIQUE, created_at timestamptz DEFAULT now(), payload bytea)',
);
await setup.end();

async function start() {
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(new pg.Pool(options)) });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  const heard = [];
  client.on('item', (name) => heard.push(name));
  await once(client, 'connect');
  return { io, client, heard };
}
const [one, two] = [await start(), await start()];
for (;;) {
  // Until the servers hear each other.
  one.io.emit('item', 'hello');
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (two.heard.length) break;
}

/** What both clients hear of `emit`, which emits `count` items on the first server. */
async function order(count, emit) {
  await new Promise((resolve) => setTimeout(resolve, 500));
  one.heard.length = two.heard.length = 0;
  emit((...args) => one.io.emit('item', ...args));
  while (one.heard.length < count || two.heard.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
  return [one.heard.join(' '), two.heard.join(' ')];
}
let swapped = 0;
for (let i = 0; i < 5; i++) {
  const [here, there] = await order(2, (item) => {
    item('big', 'x'.repeat(10000));
    item('small');
  });
  console.log(`a big item, then a small one | this server's clients: ${here} | others: ${there}`);
  swapped += there === 'small big';
}
const inOrder = Array.from({ length: 20 }, (_, i) => i + 1).join(' ');
let mixed = 0;
for (let i = 0; i < 5; i++) {
  const [here, there] = await order(20, (item) => inOrder.split(' ').forEach((n) => item(n)));
  console.log(`1 to 20 | this server's clients: ${here} | others: ${there}`);
  mixed += here !== inOrder && there !== inOrder;
}
process.exit(swapped > 0 && mixed > 0 ? 0 : 1);
JS
timeout 60 node try.mjs "$folder/server"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status

// What is done to the server. Each fault says what it needs of the world, begins, and ends; it prints
// nothing, and no name that the server sees says what it is.
import { spawn } from 'node:child_process';
import { OtherProgram } from './sqlite.mjs';
import net from 'node:net';
import tls from 'node:tls';
import { issuer } from '../e2e/tokens.mjs';
import { signer } from './town.mjs';

/// Calls `act` again and again until the fault ends.
function repeated(world, ms, act) {
  const timer = setInterval(() => void act(), ms);
  world.atEnd(() => clearInterval(timer));
}

const options = (world, from) => ({ host: '127.0.0.1', port: world.server.port, ca: world.pki.root, localAddress: from });

/// Sends bytes over a connection of its own, and leaves it for a while.
function poke(world, from, bytes, { plain = false } = {}) {
  const socket = plain ? net.connect(options(world, from)) : tls.connect(options(world, from));
  socket.on('error', () => {});
  socket.on(plain ? 'connect' : 'secureConnect', () => socket.write(bytes));
  setTimeout(() => socket.destroy(), 3000);
}

export const faults = {
  /// The disk has no room left.
  disk_full(world) {
    world.control({ diskFull: 1 });
    world.atEnd(() => world.control({}));
  },

  /// Each write to the disk takes half a second more.
  slow_disk(world) {
    world.control({ diskDelayUs: 500_000 });
    world.atEnd(() => world.control({}));
  },

  /// A few addresses try everything: forged tokens, floods, nonsense.
  hostile_crowd(world) {
    const from = ['127.0.7.1', '127.0.7.2', '127.0.7.3'];
    const some = () => from[Math.floor(Math.random() * from.length)];
    const forged = signer(issuer('ES256'), 'k1');
    repeated(world, 120, () => {
      const socket = world.town.open('admin', { from: some(), sign: forged, returns: false });
      setTimeout(() => socket.disconnect(), 1000);
    });
    repeated(world, 100, () => poke(world, some(), 'SSH-2.0-x\r\n', { plain: true }));
    repeated(world, 60, () => poke(world, some(), 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n'));
    repeated(world, 150, () => poke(world, some(), `POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n`));
    for (const user of ['u91', 'u92', 'u93']) {
      const socket = world.town.open(user, { from: some() });
      const timer = setInterval(() => {
        for (let i = 0; i < 200 && socket.connected; ++i) socket.emit('typing', { room: 'room-2', is_typing: true });
        for (let i = 0; i < 60 && socket.connected; ++i) socket.emit('join_room', { room: 'room-2' });
      }, 100);
      world.atEnd(() => {
        clearInterval(timer);
        socket.disconnect();
      });
    }
  },

  /// Many clients join the busy room and stop reading.
  slow_reader_storm(world) {
    const crowd = [];
    for (let i = 0; i < 40; ++i) {
      const socket = world.town.open(`w${String(i + 10)}`);
      socket.on('connect', () =>
        socket.emit('join_room', { room: world.town.busyRoom }, () =>
          setTimeout(() => socket.io.engine?.transport?.ws?._socket?.pause(), 500),
        ),
      );
      crowd.push(socket);
    }
    world.atEnd(() => crowd.forEach((each) => each.disconnect()));
  },

  /// The clock is set two hours ahead.
  clock_jump(world) {
    world.control({ clockAheadMs: 7_200_000 });
    world.atEnd(() => world.control({}));
  },

  /// The authority revokes the certificate; those who connect anew look whether it is revoked.
  async revoked_certificate(world) {
    await world.pki.revoke();
    world.isChecked = true;
    repeated(world, 300, () => {
      const child = spawn(
        'openssl',
        ['s_client', '-connect', `localhost:${world.server.port}`, '-CAfile', world.pki.file('root.pem'),
          '-CRL', world.pki.file('crl.pem'), '-crl_check', '-verify_return_error', '-servername', 'localhost'],
        { stdio: 'ignore' },
      );
      setTimeout(() => child.kill('SIGKILL'), 3000);
    });
    await world.refreshCertificates();
  },

  /// Something in the process takes more and more memory.
  memory_pressure(world) {
    let held = 0;
    repeated(world, 1000, () => world.control({ heldBytes: (held = Math.min(held + 40_000_000, 700_000_000)) }));
    world.atEnd(() => world.control({}));
  },

  /// Another program leaves a transaction on the database open.
  held_wal(world) {
    const reader = new OtherProgram(world.server.database);
    reader.begin();
    world.atEnd(() => reader.end());
  },

  /// The server is killed, and started again after a while, as a supervisor does.
  async killed_node(world) {
    await world.server.kill();
    await world.later(20_000);
    await world.server.restart();
  },

  /// The issuer's key has expired: it signs with a new one, which the server was not told of.
  expired_key(world) {
    world.town.signWith(signer(issuer('ES256'), 'k2'));
  },
};

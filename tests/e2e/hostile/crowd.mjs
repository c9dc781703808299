// Members of a room by the hundred, each a bare socket that answers pings and counts messages.
import { Tcp, frame, upgradeRequest } from '../raw.mjs';
import { request, within } from '../support.mjs';
import { bearer, connectPacket } from './tokens.mjs';

const pong = frame('3');

export class Member {
  static async open(server, from, username, room) {
    const tcp = await Tcp.open(server, { from });
    const member = new Member(tcp.socket);
    tcp.socket.removeAllListeners('data').on('data', (bytes) => member.take(bytes));
    tcp.write(upgradeRequest('/socket.io/?EIO=4&transport=websocket'));
    tcp.write(frame(connectPacket(username)));
    tcp.write(frame(`420["join_room",${JSON.stringify({ room, history: 0 })}]`));
    await within(member.joined, () => `${username} to join; came: ${member.last}`);
    return member;
  }

  constructor(socket) {
    this.socket = socket;
    this.rest = Buffer.alloc(0);
    this.isHead = true;
    this.seqs = [];
    this.last = '';
    this.joined = new Promise((resolve) => (this.onJoined = resolve));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  /// Everything that is whole is looked at, what is not is kept.
  take(bytes) {
    let data = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    if (this.isHead) {
      const end = data.indexOf('\r\n\r\n');
      if (end >= 0) [data, this.isHead] = [data.subarray(end + 4), false];
    }
    for (let next; !this.isHead && (next = wholeFrame(data));) {
      this.hear(next.payload);
      data = data.subarray(next.size);
    }
    this.rest = Buffer.from(data);
  }

  hear(payload) {
    if (payload.length === 1 && payload[0] === 0x32) this.socket.write(pong);
    const start = payload.toString('latin1', 0, 20);
    if (start.startsWith('430[{"ok":true')) this.onJoined();
    if (start.startsWith('42["new_message"')) {
      this.seqs.push(Number(/"seq":(\d+)/.exec(payload.toString('latin1', 0, 400))[1]));
    }
    this.last = start;
  }

  stopReading() {
    this.socket.pause();
  }

  destroy() {
    this.socket.destroy();
  }
}

function wholeFrame(data) {
  if (data.length < 2) return undefined;
  let size = data[1] & 0x7f;
  let body = 2;
  if (size === 126) {
    if (data.length < 4) return undefined;
    [size, body] = [data.readUInt16BE(2), 4];
  } else if (size === 127) {
    if (data.length < 10) return undefined;
    [size, body] = [Number(data.readBigUInt64BE(2)), 10];
  }
  if (data.length < body + size) return undefined;
  return { payload: data.subarray(body, body + size), size: body + size };
}

/// Resolves when nobody is left in the room of this name.
export function emptied(server, room) {
  const path = `/api/rooms?q=${encodeURIComponent(room)}`;
  const left = async () => {
    for (;;) {
      const { body } = await request(server, 'GET', path, undefined, bearer('storm'));
      if (body.rooms[0].members_total === 0) return;
    }
  };
  return within(left(), `the last to be gone from ${room}`);
}

// Starts the page: finds out what the server offers and who the user is, then starts the chat.
import { Chat } from './model/chat.js';
import { HttpApi } from './model/http_api.js';
import { identityOf } from './model/identity.js';
import { Memory } from './model/memory.js';
import { AppView } from './view/app_view.js';
import { EntranceView } from './view/entrance_view.js';
import { readRoute } from './view/route.js';

const RETRY_MS = 2000;
const memory = new Memory();

async function serverInfo() {
  for (;;) {
    const info = await new HttpApi().info();
    if (!info.error) return info;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

const info = await serverInfo();
const remembered = info.auth === 'token' ? 'token' : 'name';
const entrance = new EntranceView(info, enter);
let chat;

function enter(value) {
  const identity = identityOf(info.auth, value);
  if (!identity) return askWho({ value, error: 'This is not a token.' });
  memory.set(remembered, value);
  // A page belongs to one user: another user gets a new page.
  if (chat) return location.reload();
  chat = new Chat({ identity, info, memory });
  chat.on('refused', (error) => {
    chat.connection.close();
    memory.forget(remembered);
    askWho({ value: remembered === 'name' ? value : '', error: error.message });
  });
  const view = new AppView(chat, become);
  entrance.hide();
  view.start();
  chat.start();
}

// A new name keeps the rooms. Without a value the user leaves, and is asked who they are.
function become(value) {
  if (value === undefined) memory.forget(remembered);
  else {
    memory.set(remembered, value);
    chat.handOver(identityOf(info.auth, value).userId, memory);
  }
  location.reload();
}

function askWho({ value, error }) {
  entrance.show({ value, error, room: readRoute().room });
}

const known = memory.get(remembered);
if (known === undefined)
  askWho({});
else enter(known);

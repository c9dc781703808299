// A small chat client: one room at a time. What comes from others is only ever text.
import { io } from "/socket.io/socket.io.esm.min.js";

const TYPING_RENEWAL_MS = 3000; // the server forgets after 6 s
const TYPING_SHOWN_MS = 7000; // in case its "false" was lost

const $ = (id) => document.getElementById(id);
const members = new Map(); // user_id → username
const typists = new Map(); // user_id → { username, timer }

let socket;
let me = "";
let room = ""; // the joined room's name
let lastSeq = 0;
let firstSeq = 0;
let typingSince = 0;

const ask = (event, payload) => socket.timeout(10000).emitWithAck(event, payload).catch(
  () => ({ ok: false, error: { message: "The server did not answer." } }));

const complain = (text) => { $("trouble").textContent = text; };

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function messageItem(message) {
  const item = element("li", "");
  const time = element("time", new Date(message.created_at).toLocaleTimeString());
  time.dateTime = message.created_at;
  item.append(time, " ", element("strong", message.username), " ", message.content);
  return item;
}

function append(item) {
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(item);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function show(message) {
  if (message.seq <= lastSeq) return; // the answer to a repeated client_id
  lastSeq = message.seq;
  firstSeq ||= message.seq;
  append(messageItem(message));
}

function showMembers(total) {
  const names = [...members.values()].sort((a, b) => a.localeCompare(b));
  $("members").replaceChildren(...names.map((name) => element("li", name)));
  $("members-title").textContent = `Members (${total})`;
}

function showTypists() {
  const names = [...typists.values()].map((typist) => typist.username);
  $("typing").textContent = names.length === 0 ? ""
    : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} typing …`;
}

function setTyping({ user_id, username, is_typing }) {
  clearTimeout(typists.get(user_id)?.timer);
  typists.delete(user_id);
  if (is_typing) {
    const timer = setTimeout(() => setTyping({ user_id, is_typing: false }), TYPING_SHOWN_MS);
    typists.set(user_id, { username, timer });
  }
  showTypists();
}

// Joins, or joins again after a lost connection with what was missed.
async function join(name) {
  const known = name === room ? lastSeq : 0;
  const answer = await ask("join_room", known ? { room: name, since: known } : { room: name });
  if (!answer.ok) return complain(answer.error.message);
  if (name !== room || answer.gap) {
    $("messages").replaceChildren();
    lastSeq = firstSeq = 0;
    $("older").hidden = (answer.messages[0]?.seq ?? 1) === 1;
  }
  room = name;
  members.clear();
  answer.members.forEach((member) => members.set(member.user_id, member.username));
  showMembers(answer.members_total);
  answer.messages.forEach(show);
  $("room-name").textContent = answer.room.name;
  $("entrance").hidden = true;
  $("chat").hidden = false;
  complain("");
  $("content").focus();
}

function connect(username) {
  me = username;
  socket = io({ auth: { username } });
  socket.on("connect", () => {
    $("state").textContent = `connected as ${me}`;
    join(room || $("room").value.trim());
  });
  socket.on("disconnect", () => { $("state").textContent = "connection lost, trying again …"; });
  socket.on("connect_error", (e) => complain(e.data?.message ?? `No connection: ${e.message}`));
  socket.on("new_message", (message) => message.room === room && show(message));
  socket.on("typing", (event) => event.room === room && setTyping(event));
  socket.on("user_joined", (event) => {
    members.set(event.user_id, event.username);
    showMembers(event.members_total);
    append(element("li", `${event.username} joined`, "note"));
  });
  socket.on("user_left", (event) => {
    members.delete(event.user_id);
    showMembers(event.members_total);
    setTyping({ ...event, is_typing: false });
    append(element("li", `${event.username} left`, "note"));
  });
  socket.on("presence", (event) => {
    event.joined.forEach((user) => members.set(user.user_id, user.username));
    event.left.forEach((user) => members.delete(user.user_id));
    showMembers(event.members_total);
  });
  socket.on("error", (event) => complain(event.message));
}

$("entrance").addEventListener("submit", (event) => {
  event.preventDefault();
  const username = $("username").value.trim();
  if (socket?.connected && username === me) return join($("room").value.trim());
  socket?.disconnect();
  connect(username);
});

$("leave").addEventListener("click", async () => {
  await ask("leave_room", { room });
  room = "";
  members.clear();
  $("chat").hidden = true;
  $("entrance").hidden = false;
  $("room").focus();
});

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const content = $("content").value;
  $("content").value = "";
  typingSince = 0;
  const answer = await ask("send_message", { room, content, client_id: crypto.randomUUID?.() });
  if (answer.ok) return show(answer.message);
  complain(answer.error.message);
  $("content").value ||= content;
});

$("content").addEventListener("input", () => {
  const isTyping = $("content").value !== "";
  if (isTyping && Date.now() - typingSince < TYPING_RENEWAL_MS) return;
  if (!isTyping && typingSince === 0) return;
  typingSince = isTyping ? Date.now() : 0;
  socket.emit("typing", { room, is_typing: isTyping });
});

$("older").addEventListener("click", async () => {
  const answer = await ask("get_messages", { room, before: firstSeq });
  if (!answer.ok) return complain(answer.error.message);
  firstSeq = answer.messages[0]?.seq ?? firstSeq;
  $("messages").prepend(...answer.messages.map(messageItem));
  $("older").hidden = !answer.has_more;
});

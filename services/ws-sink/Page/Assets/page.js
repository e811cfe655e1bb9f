"use strict";

// Everything that came from a caller is set as text, never as markup.
const page = id => document.getElementById(id);
const shown = new Map(); // call name -> its elements, kept so that a player goes on playing

const clock = seconds => {
  const whole = Math.floor(seconds), pad = n => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
};
const setText = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const copyOf = id => page(id).content.firstElementChild.cloneNode(true);
const part = (element, name) => element.querySelector("." + name);
const url = name => "files/" + encodeURIComponent(name);

// "Alice" <sip:alice@example.com;transport=udp> is read as Alice or alice@example.com.
const who = header => {
  if (!header) return "?";
  const name = header.match(/^\s*"?([^"<]*?)"?\s*</);
  if (name && name[1]) return name[1];
  return header.replace(/^.*</, "").replace(/>.*$/, "").replace(/^sips?:/, "").replace(/;.*$/, "");
};

const stateOf = call => ["live", "waiting"].find(state => call.streams.some(stream => stream.state === state)) ?? "ended";
const secondsOf = stream => stream.samples / stream.sample_rate;

function lengthOf(call) {
  const ends = call.streams.map(stream => (stream.first_position + stream.samples) / stream.sample_rate);
  const begins = call.streams.map(stream => stream.first_position / stream.sample_rate);
  return call.streams.length ? Math.max(...ends) - Math.min(...begins) : 0;
}

function play(element, file, version) {
  const audio = element.querySelector("audio"), link = part(element, "file");
  const there = Boolean(file);
  audio.hidden = link.hidden = !there;
  if (!there || audio.dataset.version === version) return;
  audio.dataset.version = version; // a stream that was gone on with has a new file under the old name
  audio.src = url(file) + "?" + encodeURIComponent(version);
  link.href = url(file);
  link.download = file;
}

function showStream(element, stream) {
  const ended = stream.state === "ended";
  element.className = "stream " + stream.state;
  setText(part(element, "label"), stream.role === 0 ? "caller" : "callee");
  part(element, "meter").hidden = ended;
  // Nobody knows how long a call will be: the bar fills once a minute.
  part(element, "meter").firstElementChild.style.width = (secondsOf(stream) % 60) / 0.6 + "%";
  const what = ended ? stream.end_reason : stream.state === "live" ? "receiving" : "connection lost, waiting";
  const parts = stream.connections.length > 1 ? `, ${stream.connections.length} connections` : "";
  setText(part(element, "figures"), `${clock(secondsOf(stream))} · ${what}${parts}`);
  element.title = `positions ${stream.first_position} to ${stream.first_position + stream.samples} at ${stream.sample_rate} Hz`;
  play(element, ended && stream.wav, String(stream.samples));
}

// What concerns the whole call is told on each of its streams.
const ofTheCall = event => event.type === "renamed" ? "renamed" : event.by ? `${event.type} ${event.by} ${event.position}` : null;

function toldOnce(events) {
  const told = new Set();
  return events.filter(event => {
    const key = ofTheCall(event), isNew = key === null || !told.has(key);
    told.add(key);
    return isNew;
  });
}

function showEvents(list, call) {
  list.hidden = call.events.length === 0;
  const version = JSON.stringify(call.events);
  if (list.dataset.version === version) return;
  list.dataset.version = version;
  const rate = call.streams[0]?.sample_rate ?? 16000;
  list.replaceChildren(...toldOnce(call.events).map(event => {
    const item = document.createElement("li"), at = document.createElement("small");
    const length = event.type === "gap" && event.samples ? ` ${Math.round(1000 * event.samples / rate)} ms` : "";
    item.textContent = (event.type === "dtmf" ? `key ${event.digit ?? event.event ?? "?"}` : event.type + length) + " ";
    at.textContent = `${event.by ?? (event.role === 0 ? "caller" : "callee")} ${clock(event.position / rate)}`;
    item.append(at);
    return item;
  }));
}

function showCall(element, call) {
  setText(part(element, "from"), who(call.from));
  setText(part(element, "to"), who(call.to));
  element.querySelector("h2").title = `${call.from ?? ""} → ${call.to ?? ""}`;
  const state = part(element, "state"), is = stateOf(call);
  state.className = "state " + is;
  setText(state, is);
  const began = new Date(call.started_at ?? "");
  setText(element.querySelector("time"), isNaN(began) ? call.started_at ?? "" : began.toLocaleString());
  setText(part(element, "length"), clock(lengthOf(call)));
  setText(part(element, "id"), call.name);
  part(element, "id").title = call.call_id;
  const streams = part(element, "streams");
  while (streams.childElementCount < call.streams.length) streams.append(copyOf("stream"));
  call.streams.forEach((stream, i) => showStream(streams.children[i], stream));
  const stereo = part(element, "stereo");
  stereo.hidden = !call.stereo_wav;
  play(stereo, call.stereo_wav, call.streams.map(stream => stream.samples).join("-"));
  showEvents(part(element, "events"), call);
}

function show({ totals, calls }) {
  setText(page("live"), String(totals.streams_open));
  setText(page("streams"), String(totals.streams_begun));
  setText(page("stored"), clock(totals.seconds_stored));
  setText(page("refused"), String(totals.refusals));
  page("none").hidden = calls.length > 0;
  const names = new Set(calls.map(call => call.name));
  for (const [name, element] of shown) if (!names.has(name)) { element.remove(); shown.delete(name); }
  calls.forEach((call, i) => {
    if (!shown.has(call.name)) shown.set(call.name, copyOf("call"));
    const element = shown.get(call.name), there = page("calls").children[i];
    // Moving an element stops its player: only what is out of its place is moved.
    if (there !== element) page("calls").insertBefore(element, there ?? null);
    showCall(element, call);
    if (i < 10) for (const audio of element.querySelectorAll("audio")) audio.preload = "metadata"; // the rest load when played
  });
}

async function ask() {
  try {
    const answer = await fetch("api/calls", { cache: "no-store" });
    show(await answer.json());
    page("offline").hidden = true;
  } catch {
    page("offline").hidden = false;
  }
  setTimeout(ask, 1000);
}
ask();

// The page's one script: it sends what is done, shows what is answered, and fetches what changed.
const page = document.body;
const words = JSON.parse(page.dataset.words);
const { who, room } = page.dataset;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const dialog = find("#dialog");

// --- sending ------------------------------------------------------------------------------------
async function ask(path, how) {
  const answer = await fetch(path, how);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function send(path, data) {
  const headers = { "Content-Type": "application/json" };
  return (await ask(path, { method: "POST", headers, body: JSON.stringify(data) })).json();
}

// One thing at a time from one element; an element that is not answered keeps its id, so that
// trying again is the same event.
async function once(from, work) {
  if (from.getAttribute("aria-busy") === "true") return;
  from.setAttribute("aria-busy", "true");
  from.dataset.id ||= crypto.randomUUID();
  try {
    await work(from.dataset.id);
    delete from.dataset.id;
  } catch {
    say(words.lost, from);
  } finally {
    from.removeAttribute("aria-busy");
  }
  if (who) await refresh().catch(() => {});
}
const act = (from, what, data) =>
  once(from, async (id) => {
    take(await send(`/p/${who}/${what}`, { room, id, ...data }), from);
    if (from.dataset.choose) location.reload();
  });

function take(reply, from) {
  if (reply.html && reply.kind !== "notice") return open(reply.html);
  if (reply.kind === "errors") return showFaults(reply.errors, from);
  if (dialog.contains(from)) dialog.close();
  if (reply.kind === "notice") notify(reply.html);
}

// --- notices ------------------------------------------------------------------------------------
// A notice stays until the next one comes or it is closed.
function notify(html) {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.innerHTML =
    "<div><small></small><span></span></div><button class='link' data-dismiss></button>";
  find("small", notice).textContent = words.only;
  find("span", notice).innerHTML = html;
  notice.lastChild.textContent = words.close;
  find("#notices").replaceChildren(notice);
}

// A sentence of the page itself, where it is seen: in the open dialog, or above the message box.
function say(text, from) {
  const inside = dialog?.contains(from);
  if (!inside) notify("");
  const line = inside ? find(".fault", dialog) : find("#notices span");
  line.textContent = text;
  line.hidden = false;
}

// --- dialogs ------------------------------------------------------------------------------------
const CONTROL = "input:not(.filter), textarea, select";
let typed = "";

function open(html) {
  dialog.innerHTML = html;
  if (!dialog.open) dialog.showModal();
  all(".field", dialog).forEach(count);
  typed = JSON.stringify(collect(dialog));
  find("h2", dialog).focus();
}

function read(field) {
  const { kind } = field.dataset;
  const control = find(CONTROL, field);
  const checked = all("input:checked", field).map((one) => one.value);
  if (kind === "tick") return control.checked;
  if (kind === "people") return { people: checked };
  if (kind !== "choice" || control.matches("select")) return control.value;
  return control.type === "checkbox" ? checked : (checked[0] ?? "");
}
const collect = (form) =>
  Object.fromEntries(all("[data-field]", form).map((one) => [one.dataset.field, read(one)]));
const mayLeave = () => JSON.stringify(collect(dialog)) === typed || confirm(words.discard);

function showFaults(errors, form) {
  let first = null;
  const rest = { ...errors };
  for (const field of all("[data-field]", form)) {
    const text = errors[field.dataset.field] ?? "";
    delete rest[field.dataset.field];
    const fault = find(".field-fault", field);
    fault.textContent = text;
    fault.hidden = !text;
    field.classList.toggle("wrong", !!text);
    for (const one of all(CONTROL, field)) one.setAttribute("aria-invalid", String(!!text));
    if (text) first ??= find(CONTROL, field);
  }
  say([words.fault, ...Object.values(rest)].join(" "), form);
  (first ?? find("h2", form)).focus();
}

function count(field) {
  const box = find(".count", field);
  const text = find("[data-limit]", field);
  if (text) {
    box.hidden = text.value.length <= text.dataset.limit * 0.8;
    box.textContent = `${text.value.length} / ${text.dataset.limit}`;
  } else if (box) {
    box.textContent = box.dataset.words.replace("{count}", all("input:checked", field).length);
  }
}

function filter(search) {
  const wanted = search.value.trim().toLocaleLowerCase();
  for (const group of all(".pick-group", search.parentElement)) {
    const rows = all(".pick", group);
    for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
    group.hidden = rows.every((row) => row.hidden);
  }
}

function chooseAll(group) {
  const boxes = all(".pick:not([hidden]) input", group);
  const some = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = some;
  count(group.closest(".field"));
}

// --- what changed -------------------------------------------------------------------------------
const pane = find("#conversation");
const shown = new Map(all(".message").map((one) => [one.id, one.outerHTML]));
const scroller = () =>
  pane.scrollHeight > pane.clientHeight + 1 && getComputedStyle(pane).overflowY === "auto"
    ? pane : document.scrollingElement;
const toEnd = () => scroller().scrollTo(0, scroller().scrollHeight);

async function fetchPage(path) {
  const html = await (await ask(path, { headers: { Accept: "text/html" } })).text();
  return new DOMParser().parseFromString(html, "text/html");
}

// Only what differs is replaced, so that focus, selection and the place on the page stay.
function merge(fresh) {
  const list = find("#messages");
  const { scrollHeight, scrollTop, clientHeight } = scroller();
  const atEnd = scrollHeight - scrollTop - clientHeight < 80;
  const wanted = [...fresh.children];
  const ids = new Set(wanted.map((one) => one.id));
  for (const old of [...list.children]) if (!ids.has(old.id)) old.remove();
  let added = null;
  for (const one of wanted) {
    const html = one.outerHTML;
    const old = document.getElementById(one.id);
    if (old && shown.get(one.id) === html) continue;
    shown.set(one.id, html);
    const focused = old?.contains(document.activeElement) && document.activeElement;
    if (old) old.replaceWith(one);
    else list.append((added = one));
    if (!focused) continue;
    const same = all("button", one).find((b) => b.textContent === focused.textContent);
    (same ?? pane).focus({ preventScroll: true });
  }
  if (added) {
    find("#announce").textContent = added.dataset.summary ?? "";
    for (const link of all(`[data-seen="${who}/${room}"]`)) link.dataset.latest = added.id.slice(1);
    if (atEnd) toEnd();
  }
  mark();
}

function swap(fresh) {
  for (const old of all("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now || now.innerHTML === shown.get(old)) continue;
    const focused = old.contains(document.activeElement) && document.activeElement.pathname;
    shown.set(old, now.innerHTML);
    old.innerHTML = now.innerHTML;
    if (focused) all("a", old).find((link) => link.pathname === focused)?.focus();
  }
}

// Fetches happen in turn, so that nothing older is shown over something newer.
let queue = Promise.resolve();
let asked = false;
const inTurn = (work) => (queue = queue.catch(() => {}).then(work));

function refresh() {
  if (asked) return queue;
  asked = true;
  return inTurn(async () => {
    asked = false;
    const fresh = await fetchPage(location.pathname);
    swap(fresh);
    merge(find("#messages", fresh));
  });
}
const refreshRoom = () =>
  inTurn(async () => merge(find("#messages", await fetchPage(`/p/${who}/r/${room}/messages`))));

// What this browser has looked at: per persona and room the last message, nothing else.
function mark() {
  const seen = JSON.parse(localStorage.getItem("krets.seen") ?? "{}");
  for (const link of all("[data-seen]")) {
    const { seen: of, latest } = link.dataset;
    if (of === `${who}/${room}` && !document.hidden) seen[of] = latest;
    find(".dot", link).hidden = latest === "0" || seen[of] === latest;
  }
  localStorage.setItem("krets.seen", JSON.stringify(seen));
}
let source = null;

function listen() {
  if (document.hidden || source) return;
  const lost = (is) => { find("#lost").hidden = !is; };
  find("#lost").textContent = words.lost;
  source = new EventSource(`/p/${who}/live`);
  source.onopen = () => refresh().then(() => lost(false), () => lost(true));
  source.onerror = () => {
    lost(true);
    if (source.readyState !== EventSource.CLOSED) return;
    hush();
    setTimeout(listen, 3000);
  };
  source.onmessage = (event) =>
    (event.data === room ? refreshRoom() : refresh()).catch(() => lost(true));
}
const hush = () => { source = source?.close() ?? null; };

// --- events of the page -------------------------------------------------------------------------
const isOpen = () => page.classList.contains("open");

function drawer(on) {
  page.classList.toggle("open", on);
  find("#menu").setAttribute("aria-expanded", String(on));
  (on ? find(".side a") : find("#menu")).focus();
}

// What a button does, by the first of these that it carries.
const presses = {
  sample: (from) => once(from, async () => location.assign((await send("/dev/sample", {})).to)),
  choose: (from, language) =>
    act(from, "submit", { action: from.dataset.action, answers: { language } }),
  action: (from, action) => act(from, "press", { action }),
  home: (from) => act(from, "home", {}),
  clock: (from, where) => once(from, () => send("/dev/clock", JSON.parse(where))),
  close: () => mayLeave() && dialog.close(),
  every: (from) => chooseAll(from.closest(".pick-group")),
  dismiss: (from) => { from.closest(".notice").remove(); find("#text").focus(); },
  menu: () => drawer(!isOpen()),
};

document.addEventListener("click", (event) => {
  if (isOpen() && !event.target.closest(".side, #menu")) {
    event.preventDefault(); // what lies under the drawer's shade is not meant
    return drawer(false);
  }
  const from = event.target.closest("button");
  const what = from && Object.keys(presses).find((key) => key in from.dataset);
  if (what) presses[what](from, from.dataset[what]);
});

if (who) {
  dialog.addEventListener("cancel", (event) => { if (!mayLeave()) event.preventDefault(); });
  dialog.addEventListener("close", () => dialog.replaceChildren());
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    act(form, "submit", { action: form.dataset.action, answers: collect(form) });
  });
  dialog.addEventListener("input", (event) => {
    if (event.target.matches(".filter")) filter(event.target);
    else count(event.target.closest(".field"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".filter")) event.preventDefault();
    if (event.key === "Escape" && isOpen()) drawer(false);
  });
  find("#say").addEventListener("submit", (event) => {
    event.preventDefault();
    const box = find("#text");
    if (!box.value.trim()) return;
    act(event.target, "say", { text: box.value }).then(() => {
      if (!event.target.dataset.id) box.value = ""; // what was not answered can be sent again
    });
  });
  find(".main").addEventListener("focusin", (event) => {
    if (isOpen() && event.target.id !== "menu") drawer(false);
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  addEventListener("pagehide", hush);
  addEventListener("pageshow", listen);
  if (matchMedia("(max-width: 1179px)").matches) find("#clock")?.removeAttribute("open");
  toEnd();
  mark();
}

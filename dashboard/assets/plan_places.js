/* Single places of the Plan page: a site must be here, may not be here, an existing centre is closed. Said in a card on the
 * map, at a site of the list or by name; kept as chips in the form and as force=, forbid=, close= in the address. */
"use strict";

window.planPlaces = ({ texts, lang, ask, question, own, changed, map }) => {
  const RULES = ["force", "forbid", "close"], TYPING_MS = 300;
  const $ = (id) => document.getElementById(id);
  const search = $("place-search"), card = $("place-card");
  let asked = [], marks = [], typing = 0, latest = 0;

  const make = (tag, className, textContent) => Object.assign(document.createElement(tag), { className, textContent });
  const write = (id) => id.replaceAll("%", "%25").replaceAll(",", "%2C");
  const read = (id) => { try { return decodeURIComponent(id); } catch { return id; } };
  const rulesOf = (place) => place.kind === "centre" ? ["close"] : ["force", "forbid"];
  const has = (rule, id) => asked.some((one) => one.rule === rule && one.id === id);

  /* Into the parameters of a question. */
  function put(all) {
    for (const rule of RULES) {
      const ids = asked.filter((one) => one.rule === rule).map(({ id }) => write(id));
      if (ids.length) all.set(rule, ids.join(","));
    }
  }

  function places(more, signal) {
    const all = question();
    for (const rule of RULES) all.delete(rule);
    all.set("lang", lang);
    for (const [name, value] of Object.entries(more)) all.set(name, value);
    const list = own();
    return ask(`/api/v1/plans/places?${all}`, list === null ? { signal } : { method: "POST", body: list, headers: { "Content-Type": "text/csv" }, signal })
      .then((answer) => answer.places);
  }

  /* From the address; names come after. */
  async function fill(query) {
    asked = RULES.flatMap((rule) => (query.get(rule) ?? "").split(",").filter(Boolean).map(read).map((id) => ({ rule, id, name: id, place: "" })));
    draw();
    if (!asked.length) return;
    $("plan-conditions").open = true;
    const found = await places({ ids: asked.map(({ id }) => write(id)).join(",") }).catch(() => []);
    learn(found);
  }

  /* Names and points of what was asked, as an answer knows them. */
  function learn(found) {
    for (const one of asked) {
      const known = found.find(({ id }) => id === one.id);
      if (known) Object.assign(one, { name: known.name, place: known.place, lon: known.lon, lat: known.lat });
    }
    draw();
  }

  function toggle(rule, place) {
    const lifted = has(rule, place.id);
    // Of one place only one thing can be true: what was said before is taken back.
    asked = asked.filter((one) => one.id !== place.id);
    if (!lifted) asked.push({ rule, id: place.id, name: place.name, place: place.place, lon: place.lon, lat: place.lat });
    if (!lifted) $("plan-conditions").open = true;
    draw();
    changed();
  }

  function button(rule, place, extra = "") {
    const found = make("button", `tool small ${extra}`, texts.rules[rule]);
    found.type = "button";
    found.setAttribute("aria-pressed", has(rule, place.id));
    found.setAttribute("aria-label", `${texts.rules[rule]}: ${place.name}`);
    found.addEventListener("click", () => toggle(rule, place));
    return found;
  }

  function draw() {
    $("plan-conditions-count").textContent = asked.length ? `(${asked.length})` : "";
    $("place-asked").replaceChildren(...asked.map((one) => {
      const chip = make("li", "plan-chip", "");
      chip.dataset.rule = one.rule;
      const text = make("span", "", "");
      text.append(make("b", "", one.name), ` ${texts.rules_asked[one.rule]}`);
      const lift = make("button", "chip-lift", "×");
      lift.type = "button";
      lift.setAttribute("aria-label", texts.rules_lift.replace("{name}", one.name).replace("{rule}", texts.rules_asked[one.rule]));
      lift.addEventListener("click", () => { toggle(one.rule, one); search.focus({ preventScroll: true }); });
      chip.append(text, lift);
      return chip;
    }));
    for (const pressed of document.querySelectorAll("[data-place][data-rule]"))
      pressed.setAttribute("aria-pressed", has(pressed.dataset.rule, pressed.dataset.place));
    if (!card.hidden && card.here) show(...card.here);
    pin();
  }

  function pin() {
    marks.forEach((mark) => mark.remove());
    const shown = map() ? asked.filter(({ lon }) => lon !== undefined) : [];
    marks = shown.map(({ rule, lon, lat }) => {
      const element = make("span", `plan-mark ${rule}`, rule === "force" ? "" : "×");
      element.setAttribute("aria-hidden", "true");
      // Where a centre closes a site may open: its number stays in sight.
      return new maplibregl.Marker({ element, offset: rule === "close" ? [10, -10] : [0, 0] }).setLngLat([lon, lat]).addTo(map());
    });
    for (const rule of RULES) document.querySelector(`.plan-legend [data-rule="${rule}"]`).hidden = !shown.some((one) => one.rule === rule);
  }

  /* ---- the card on the map ------------------------------------------------------------------------------- */

  function show(...here) {
    card.here = here;
    card.hidden = false;
    $("place-card-text").replaceChildren(...here.flatMap((place) => {
      const lines = place.kind === "none" ? [] : [place.place, place.told ?? texts[`place_${place.kind}`]];
      if (place.far_km) lines.push(texts.place_far.replace("{km}", place.far_km));
      const buttons = make("div", "row", "");
      if (place.kind === "site" || place.counts) buttons.append(...rulesOf(place).map((rule) => button(rule, place)));
      return [make("b", "", place.name), ...lines.filter(Boolean).map((line) => make("span", "note", line)), ...buttons.childElementCount ? [buttons] : []];
    }));
  }

  /* ---- by name ------------------------------------------------------------------------------------------- */

  async function look() {
    const text = search.value.trim(), mine = ++latest, list = $("place-found");
    if (!text) return void list.replaceChildren();
    let rows;
    try {
      rows = (await places({ q: text })).map((place) => {
        const row = make("li", "", ""), name = make("span", "", "");
        name.append(make("b", "", place.name), make("span", "note", ` ${place.place || texts[`place_${place.kind}`]}`));
        row.append(name, ...rulesOf(place).map((rule) => button(rule, place)));
        return row;
      });
    } catch (fault) { rows = [make("li", "note", fault.message)]; }
    if (mine !== latest) return;
    list.replaceChildren(...rows.length ? rows : [make("li", "note", texts.conditions_none)]);
  }

  search.addEventListener("input", (event) => {
    event.stopPropagation();   // not a change of the question
    clearTimeout(typing);
    typing = setTimeout(look, TYPING_MS);
  });
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); look(); } });
  $("place-card-close").addEventListener("click", () => { card.hidden = true; });
  addEventListener("keydown", ({ key }) => { if (key === "Escape") card.hidden = true; });
  $("plan-result").addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-place][data-rule]");
    if (!pressed) return;
    const { rule, place, name, where, lon, lat } = pressed.dataset;
    toggle(rule, { id: place, kind: "site", name, place: where, lon: Number(lon), lat: Number(lat) });
  });
  return { put, fill, learn, draw, show, places };
};

/* The Plan page. A changed question brings the quick answer at once; «find the best plan» starts a run, which is asked
 * how it stands until it is done. The address holds the question and the run, so that a link brings both back.
 * Painted: <html data-plan="live|running|done|error"> for what stands on the page. */
(() => {
  "use strict";

  const boot = JSON.parse(document.getElementById("plan-boot").textContent);
  const html = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const form = $("plan-form"), result = $("plan-result"), state = $("plan-state"), error = $("plan-error");
  const CHINA = [[73.2, 3.2], [135.4, 53.9]];
  const NUMBERED = 60, APART_PX = 17, PAUSE_MS = 700, TYPING_MS = 350;

  let map = null, ready = null, markers = [], pending = null, typing = 0, job = null, ownText = null, need = null, places = null;
  // A finger or a hand that trembles does not meet a dot of five pixels.
  const NEAR_PX = 9;

  async function ask(path, options) {
    const answer = await fetch(path, options);
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(content.error?.message ?? answer.statusText), { told: true });
    return content;
  }

  /* Only what can be seen is asked: a number of another model would conflict with this one. */
  function question() {
    const all = new URLSearchParams(), done = [];
    for (const field of form.elements) {
      if (!field.name || field.closest("[hidden]")) continue;
      if (field.type === "checkbox") { if (field.checked) done.push(field.value); }
      else if (field.value !== "") all.set(field.name, field.value);
    }
    if (done.join() !== "build") all.set("actions", done.join());
    places?.put(all);
    return all;
  }

  function address(jobId) {
    const all = question();
    all.set("lang", boot.lang);
    if (boot.theme !== "auto") all.set("theme", boot.theme);
    if (jobId) all.set("job", jobId);
    history.replaceState(null, "", `/plan?${all}`);
    const there = new URLSearchParams(all);
    there.set("lang", boot.lang === "en" ? "zh" : "en");
    $("language").href = `/plan?${there}`;
  }

  function fill(query) {
    for (const [name, value] of query) {
      const field = form.elements[name];
      if (!field) continue;
      if (name === "actions") { for (const box of field) box.checked = value.split(",").includes(box.value); continue; }
      field.value = value;
      // A county is no choice of the menu, but a link may ask for it.
      if (field.tagName === "SELECT" && field.value !== value && name === "region" && /^[1-8]\d{5}$/.test(value)) {
        field.add(new Option(value, value));
        field.value = value;
      }
      if (field.tagName === "SELECT" && field.selectedIndex < 0) field.selectedIndex = 0;
    }
    fit();
    if ([...$("plan-more").querySelectorAll("[name]")].some(({ name }) => query.has(name) && query.get(name) !== "none")) $("plan-more").open = true;
  }

  /* A field that means nothing with the other choices is not there. data-when="model=a b": shown with a or b. */
  function fit() {
    const fits = (rule) => {
      const [name, values] = rule.split("=");
      const field = form.elements[name];
      const chosen = field instanceof RadioNodeList ? [...field].filter((box) => box.checked).map((box) => box.value) : [field.value];
      return !(field.closest?.("[hidden]")) && values.split(" ").some((value) => chosen.includes(value));
    };
    for (const part of form.querySelectorAll("[data-when], [data-unless]")) {
      part.hidden = part.dataset.when ? !fits(part.dataset.when) : fits(part.dataset.unless);
      for (const input of part.querySelectorAll("input, select")) input.disabled = part.hidden;
    }
  }

  function tell(kind, text) {
    html.dataset.plan = kind;
    error.hidden = kind !== "error";
    // What stands below is the answer to an earlier question.
    result.classList.toggle("stale", kind === "error");
    if (kind === "error") { error.textContent = text; state.hidden = true; result.setAttribute("aria-busy", "false"); }
  }

  /* ---- answers ------------------------------------------------------------------------------------------ */

  async function live() {
    if (form.elements.candidates.value === "own") return;   // the list goes with a run only
    pending?.abort();
    const mine = pending = new AbortController();
    result.setAttribute("aria-busy", "true");
    const all = question();
    all.set("lang", boot.lang);
    try {
      const answer = await ask(`/api/v1/plans/live?${all}`, { signal: mine.signal });
      await show(answer.result);
      tell("live");
    } catch (fault) {
      if (fault.name !== "AbortError") tell("error", fault.message);
    }
  }

  async function show(found) {
    result.innerHTML = found.html;
    result.setAttribute("aria-busy", "false");
    places.learn(found.conditions);
    await ready;
    if (!map) return;
    places.draw();
    map.getSource("sites").setData(found.sites);
    markers.forEach((marker) => marker.remove());
    markers = found.sites.features.length > NUMBERED ? [] : found.sites.features.map(({ geometry, properties }) => {
      const element = Object.assign(document.createElement("span"), { className: "plan-number", textContent: properties.order });
      element.setAttribute("aria-hidden", "true");
      return new maplibregl.Marker({ element }).setLngLat(geometry.coordinates).addTo(map);
    });
    unclutter();
    const [west, south, east, north] = found.bbox;
    map.fitBounds(form.elements.region.value === boot.nation ? CHINA : [[west, south], [east, north]], { padding: innerWidth < 600 ? 18 : 40, animate: false });
    colour();
  }

  /* A number that would lie on an earlier one is left out: its dot stays, and the list has its place. Zooming in brings it. */
  function unclutter() {
    const shown = [];
    for (const marker of markers) {
      const { x, y } = map.project(marker.getLngLat());
      const free = shown.every((other) => Math.hypot(other.x - x, other.y - y) >= APART_PX);
      if (free) shown.push({ x, y });
      marker.getElement().hidden = !free;
    }
  }

  async function start(event) {
    event.preventDefault();
    pending?.abort();
    const all = question();
    all.set("lang", boot.lang);
    error.hidden = true;
    try {
      const body = form.elements.candidates.value === "own" ? ownText ?? "" : null;
      const { id } = await ask(`/api/v1/plans?${all}`, { method: "POST", body, headers: { "Content-Type": "text/csv" } });
      follow(id);
    } catch (fault) { tell("error", fault.message); }
  }

  function follow(id) {
    job = id;
    address(id);
    tell("running");
    state.hidden = $("plan-cancel").hidden = false;
    $("plan-ask").disabled = true;
    $("plan-phase").textContent = boot.texts.working;
    look(id);
  }

  async function look(id) {
    if (job !== id) return;
    let found;
    try {
      found = await ask(`/api/v1/plans/${id}?lang=${boot.lang}`);
    } catch (fault) {
      if (fault.told) { finish(); tell("error", fault.message); }
      else setTimeout(look, 4 * PAUSE_MS, id);   // the network was away; the run is not
      return;
    }
    $("plan-phase").textContent = found.phase;
    $("plan-progress").textContent = found.progress;
    // The part of the gap that is closed, on a scale on which 10 %, 1 % and .1 % are equal steps.
    const closed = found.gap === null ? 0 : Math.min(1, Math.max(0, 1 - (Math.log10(Math.max(found.gap, 1e-4)) + 4) / 4));
    $("plan-bar").style.transform = `scaleX(${found.of ? found.done / found.of : closed})`;
    if (found.state === "running") return void setTimeout(look, PAUSE_MS, id);
    finish();
    if (found.state !== "done") return tell("error", found.message);
    await show(found.result);
    tell("done");
    $("plan-heading")?.focus({ preventScroll: true });
  }

  function finish() {
    job = null;
    state.hidden = $("plan-cancel").hidden = true;
    $("plan-ask").disabled = false;
  }

  async function cancel() {
    if (job) await ask(`/api/v1/plans/${job}/cancel?lang=${boot.lang}`, { method: "POST" }).catch(() => {});
  }

  /* ---- map ---------------------------------------------------------------------------------------------- */

  const scheme = () => html.dataset.mantineColorScheme === "dark" ? "dark" : "light";

  async function colour() {
    const asked = form.elements.need.value;
    if (need === asked) return;
    need = asked;
    const layer = await ask(`/api/v1/map?indicator=${asked}&year=2020&level=county&lang=${boot.lang}&release=${boot.release}`);
    const tint = scheme();
    layer.codes.forEach((id, i) => {
      if (layer.state[i] === 0)
        map.setFeatureState({ source: "county", sourceLayer: "county", id }, { c: layer.classes[layer.cls[i]][tint] });
    });
    $("plan-shades").replaceChildren(...layer.classes.map((band) => {
      const part = document.createElement("i");
      part.style.background = band[tint];
      return part;
    }));
  }

  function startMap(done) {
    for (const source of Object.values(boot.style.sources)) source.tiles &&= source.tiles.map((path) => location.origin + path);
    map = new maplibregl.Map({
      container: document.querySelector("#plan-map .map-canvas"), style: boot.style, bounds: CHINA, attributionControl: false,
      keyboard: false, dragRotate: false, pitchWithRotate: false, renderWorldCopies: false, minZoom: 1.5, maxZoom: 11, fadeDuration: 0,
      localIdeographFontFamily: false, cooperativeGestures: false,
    });
    map.touchZoomRotate.disableRotation();
    map.getCanvas().removeAttribute("tabindex");
    map.getCanvas().removeAttribute("role");
    map.getCanvas().setAttribute("aria-hidden", "true");
    map.once("style.load", async () => {
      for (const [id, paint] of Object.entries(boot.paint[scheme()]))
        for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
      map.on("move", unclutter);
      map.on("click", point);
      done();
      map.getSource("centres").setData(await ask(`/api/v1/centres?lang=${boot.lang}&release=${boot.release}`));
    });
  }

  /* What lies under a click: a site of the plan, an existing centre, else the candidate of the county or the nearest one. */
  async function point({ point: { x, y }, lngLat }) {
    const box = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
    const near = ["sites", "centres"].flatMap((layer) => map.queryRenderedFeatures(box, { layers: [layer] }).slice(0, 1));
    const kind = form.elements.candidates.value;
    if (near.length) return places.show(...near.map(({ layer, geometry: { coordinates: [lon, lat] }, properties: one }) => {
      if (layer.id === "sites") return { kind: "site", id: one.key, name: one.name, place: one.place, told: one.adds, lon, lat };
      const counts = form.elements.existing.value === "kept" && one.status === "open";
      return { kind: "centre", id: one.id, name: one[`name_${boot.lang}`] ?? one.name_zh, place: "", lon, lat, counts };
    }));
    const [county] = map.queryRenderedFeatures([x, y], { layers: ["county-fill"] });
    if (kind === "own" && ownText === null) return;
    // Before its tiles have come a county is not known; the nearest candidate is.
    const where = kind === "counties" && county ? { ids: String(county.id) } : { lon: lngLat.lng, lat: lngLat.lat };
    const [found] = await places.places(where).catch(() => []);
    places.show(found ?? { kind: "none", name: boot.texts.place_none });
  }

  function changed() {
    if (!job && form.checkValidity()) { address(); live(); }
  }

  addEventListener("DOMContentLoaded", () => {
    ready = new Promise((done) => {
      // Without WebGL there is no map; question, answer and files do not need it.
      try { startMap(done); } catch { map = null; done(); }
    });
    const query = new URLSearchParams(location.search);
    const own = () => form.elements.candidates.value === "own" ? ownText : null;
    places = window.planPlaces({ texts: boot.texts, lang: boot.lang, ask, question, own, changed, map: () => map });
    fill(query);
    places.fill(query);
    form.addEventListener("submit", start);
    $("plan-cancel").addEventListener("click", cancel);
    $("own-file").addEventListener("change", async ({ target }) => { ownText = target.files[0] ? await target.files[0].text() : null; });
    form.addEventListener("input", () => {
      fit();
      clearTimeout(typing);
      typing = setTimeout(changed, TYPING_MS);
    });
    if (query.get("job")) { follow(query.get("job")); } else { address(); live(); }
  });
})();

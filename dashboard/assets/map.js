/* The map. Python says what to draw (style, classes, labels); this file draws it and reports what a person does.
 *
 * Start:   the page template loads it before the map library and asks for the first values at once; Dash starts when
 *          the map has painted, or cannot be (start.js).
 * Change:  `atlas.show(search)` takes the query of the URL; one GET brings the values, feature-state colours them,
 *          geometry is never sent twice.
 * Report:  a click or Enter calls `report(code)`, which callbacks.js turns into a new URL.
 * Painted: <html data-painted="key"> and performance.mark("atlas:painted") once the values of `key` are on screen.
 */
(() => {
  "use strict";

  const { pattern } = window.atlasPictures;
  const doubt = window.atlasDoubt, centres = window.atlasCentres;
  const html = document.documentElement;
  const box = document.getElementById("map");
  const tip = document.getElementById("map-tip");
  const live = document.getElementById("map-live");
  const boot = JSON.parse(document.getElementById("atlas-boot").textContent);
  const NO_DATA = 2, WITHHELD = 3;
  const CHINA = [[73.2, 3.2], [135.4, 53.9]];
  const QUESTION = ["indicator", "year", "level", "standard_km", "centre_type", "service", "classes", "paint", "lang"];

  let map = null;          // MapLibre map
  let layer = null;        // the values on screen, as /api/v1/map sent them
  let byCode = new Map();  // code -> row of `layer`
  let places = {};         // level -> names and points, as /api/v1/units sent them
  let focus = null;        // code under pointer or keyboard
  let pointed = false;     // whether anything was ever pointed at: until then no focus line is drawn
  let selected = null;     // code of the open panel
  let pending = null;      // AbortController of the running request
  let showing = {};        // the question asked last, and the promise that its answer is painted

  const report = (unit) => window.dash_clientside?.atlas?.select(unit);
  const scheme = () => html.dataset.mantineColorScheme === "dark" ? "dark" : "light";
  const getJSON = async (url, signal) => {
    const answer = await fetch(url, { signal });
    if (!answer.ok) throw new Error(`${answer.status} ${url}`);
    return answer.json();
  };
  const questionOf = (search) => {
    // What the page shows without being asked, where that is not what the API answers without being asked.
    const all = new URLSearchParams({ ...boot.question, ...Object.fromEntries(new URLSearchParams(search)) });
    const kept = new URLSearchParams();
    for (const name of QUESTION) if (all.has(name)) kept.set(name, all.get(name));
    return kept.toString();
  };

  /* ---- drawing ------------------------------------------------------------------------------------------ */

  function dress() {
    const theme = boot.themes[scheme()];
    for (const [name, image] of Object.entries(theme.patterns)) {
      const pixels = pattern(image.draw, image);
      map.hasImage(name) ? map.updateImage(name, pixels) : map.addImage(name, pixels, { pixelRatio: 2 });
    }
    for (const [id, paint] of Object.entries(theme.paint))
      for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
    if (layer) colour();
  }

  function colour() {
    const tint = scheme(), colours = layer.classes.map((band) => band[tint]);
    const { zero, blank, faint } = boot.themes[tint];
    layer.codes.forEach((id, i) => {
      const s = layer.state[i], k = layer.cls[i], c = k >= 0 ? doubt.tint(id, colours[k], faint) : s === 1 ? zero : blank;
      map.setFeatureState({ source: layer.level, sourceLayer: layer.level, id }, { c });
    });
    showLevel();
  }

  /* A filter makes workers cut all tiles anew: only where the units in a state are others than before. */
  function showLevel() {
    const inState = (s) => layer.codes.filter((_, i) => layer.state[i] === s);
    for (const [part, s] of [["no-data", NO_DATA], ["withheld", WITHHELD]])
      filter(`${layer.level}-${part}`, ["in", ["id"], ["literal", inState(s)]]);
    filter(`${layer.level}-selected`, ["==", ["id"], selected ?? -1]);
    for (const level of boot.levels)
      for (const part of ["fill", "no-data", "withheld", "line", "focus", "selected"])
        seen(`${level}-${part}`, level === layer.level && (part !== "focus" || pointed) && (part !== "selected" || selected !== null));
  }

  function seen(id, wanted) {
    if ((map.getLayoutProperty(id, "visibility") !== "none") !== wanted)
      map.setLayoutProperty(id, "visibility", wanted ? "visible" : "none");
  }

  function filter(id, wanted) {
    if (JSON.stringify(map.getFilter(id)) !== JSON.stringify(wanted)) map.setFilter(id, wanted);
  }

  function painted(key) {
    return new Promise((done) => {
      map.once("idle", () => {
        done();
        if (!layer || layer.question !== key) return;
        performance.mark("atlas:painted");
        html.dataset.painted = key;
        box.setAttribute("aria-busy", "false");
        settled();
      });
      map.triggerRepaint();
    });
  }

  /* Bring the map to what the address asks for; ends when that is painted. */
  function show(search) {
    const asked = new URLSearchParams(search), key = questionOf(search);
    select(asked.get("unit"));
    ready.then(() => centres.show(asked));
    doubt.want(asked.get("unsure"));
    if (key !== showing.key) showing = { key, painted: bring(key) };
    return showing.painted;
  }

  async function bring(key) {
    pending?.abort();
    pending = new AbortController();
    box.setAttribute("aria-busy", "true");
    try {
      const answer = await getJSON(`${boot.api}map?${key}`, pending.signal);
      answer.question = key;
      await ready;
      const levelChanged = !layer || layer.level !== answer.level;
      doubt.drop();  // in the frame of the new colours: a frame of its own takes as long as they do
      layer = answer;
      byCode = new Map(answer.codes.map((code, i) => [code, i]));
      if (levelChanged) clearFocus();
      colour();
      names(answer.level);
      await painted(key);
      if (layer.question === key) doubt.ask(key, { map, colour, getJSON });
    } catch (error) {
      if (error.name === "AbortError") return;
      showing = {};
      box.setAttribute("aria-busy", "false");
      fail(boot.texts.load_failed);
      throw error;
    }
  }

  const settled = () => html.dispatchEvent(new Event("atlas:settled"));
  const shown = new Promise((done) => html.addEventListener("atlas:settled", done, { once: true }));

  function fail(message) {
    settled();
    const note = document.getElementById("map-note");
    note.textContent = message;
    note.hidden = false;
  }

  /* ---- names, hover, keyboard --------------------------------------------------------------------------- */

  async function names(level) {
    places[level] ??= getJSON(`${boot.api}units?level=${level}&release=${boot.release}`).then((units) => {
      units.row = new Map(units.codes.map((code, i) => [code, i]));
      return units;
    });
    return places[level];
  }

  async function describe(code) {
    const units = await names(layer.level), u = units.row.get(code), i = byCode.get(code);
    if (u === undefined) return null;
    const [first, second] = boot.lang === "zh" ? [units.zh, units.en] : [units.en, units.zh];
    const parents = boot.lang === "zh" ? units.parents_zh : units.parents_en;
    return {
      name: first[u], other: second[u], parent: parents[u], point: [units.lon[u], units.lat[u]], title: layer.title,
      value: i === undefined ? "" : layer.display[i], remark: layer.remarks[i] ?? "", bounds: doubt.bounds(code),
      flag: i === undefined || layer.state[i] > 1 ? "" : layer.flags[layer.flag[i]].label,
    };
  }

  function line(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  function placeTip(point) {
    const { width, height } = box.getBoundingClientRect(), w = tip.offsetWidth, h = tip.offsetHeight;
    tip.style.left = `${Math.min(Math.max(8, point.x + 14), width - w - 8)}px`;
    tip.style.top = `${point.y + 18 + h > height ? Math.max(8, point.y - h - 12) : point.y + 18}px`;
  }

  async function focusOn(code, point, speak) {
    if (focus !== code) {
      clearFocus();
      focus = code;
      pointed = true;
      seen(`${layer.level}-focus`, true);
      map.setFeatureState({ source: layer.level, sourceLayer: layer.level, id: code }, { focus: true });
    }
    const unit = await describe(code);
    if (!unit || focus !== code) return;
    tip.replaceChildren(line("strong", unit.name), line("span", [unit.other, unit.parent].filter(Boolean).join(" · ")),
      line("b", unit.value), ...(unit.remark ? [line("span", unit.remark)] : []), ...(unit.bounds ? [line("span", `(${unit.bounds})`)] : []), line("small", [unit.title, unit.flag].filter(Boolean).join(" · ")));
    tip.hidden = false;
    placeTip(point ?? map.project(unit.point));
    if (speak) live.textContent = [unit.name, unit.other, unit.title, unit.value, unit.remark, unit.bounds, unit.flag].filter(Boolean).join(", ");
  }

  function clearFocus() {
    if (focus !== null) for (const level of boot.levels)
      map.setFeatureState({ source: level, sourceLayer: level, id: focus }, { focus: false });
    focus = null;
    tip.hidden = true;
  }

  function select(code) {
    const id = code ? Number(code) : null;
    if (id === selected) return;
    selected = id;
    ready.then(() => {
      if (layer) showLevel();
      if (selected !== null) bringIntoView(selected);
    });
  }

  async function bringIntoView(code) {
    const level = new URLSearchParams(location.search).get("level") ?? boot.levels[0];
    const units = await names(level), u = units.row.get(code);
    if (u === undefined) return;
    const [west, south, east, north] = units.bbox[u], seen = map.getBounds();
    const small = map.project([east, south]).x - map.project([west, north]).x < 24;
    if (small || !seen.contains([units.lon[u], units.lat[u]]))
      map.fitBounds([[west, south], [east, north]], { padding: padding(40, true), maxZoom: 8, animate: !calm() });
  }

  /* The nearest unit that lies within 60 degrees of the asked direction; distances shrink with latitude. */
  async function neighbour(direction) {
    const units = await names(layer.level), from = units.row.get(focus ?? selected);
    if (from === undefined) {
      const centre = map.getCenter();
      return nearest(units, centre.lng, centre.lat, () => true);
    }
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[direction];
    return nearest(units, units.lon[from], units.lat[from], (x, y) => x * dx + y * dy > 0.5 * Math.hypot(x, y));
  }

  function nearest(units, lon, lat, accept) {
    const shrink = Math.cos(lat * Math.PI / 180);
    let best = null, least = Infinity;
    units.codes.forEach((code, i) => {
      const x = (units.lon[i] - lon) * shrink, y = units.lat[i] - lat, d = Math.hypot(x, y);
      if (d > 0 && d < least && accept(x, y)) { best = code; least = d; }
    });
    return best;
  }

  async function onKey(event) {
    if (!layer || event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = { "+": 1, "=": 1, "-": -1 }[event.key];
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const code = await neighbour(event.key);
      if (code === null) return;
      const units = await names(layer.level), u = units.row.get(code), at = [units.lon[u], units.lat[u]];
      if (!map.getBounds().contains(at)) map.jumpTo({ center: at });
      focusOn(code, null, true);
    } else if (event.key === "Enter" && focus !== null) report(String(focus));
    else if (event.key === "Escape") { clearFocus(); centres.hideCard(); report(null); }
    else if (zoom) map.zoomTo(map.getZoom() + zoom, { animate: !calm() });
    else if (event.key === "0") home();
  }

  /* ---- the map itself ----------------------------------------------------------------------------------- */

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const wide = () => matchMedia("(min-width: 60rem)").matches;
  const padding = (margin, besidePanel = false) => wide()
    ? { left: boot.panel_px + margin, right: margin + (besidePanel ? boot.panel_px + 24 : 0), top: margin, bottom: margin + 24 }
    : { left: 8, right: 8, top: 8, bottom: Math.round(box.clientHeight * (besidePanel ? 0.7 : 0.3)) };
  // A page with an overview has something on the right from the start.
  const around = () => padding(16, wide() && boot.beside);
  const home = () => map.fitBounds(CHINA, { padding: around(), animate: !calm() });

  /* Bring a box into view, unless it is: lines to centres may lead far out of the county they start in. */
  function fit([[west, south], [east, north]]) {
    const seen = map.getBounds();
    if (!seen.contains([west, south]) || !seen.contains([east, north]) || map.project([east, south]).x - map.project([west, north]).x < 60)
      map.fitBounds([[west, south], [east, north]], { padding: padding(60, true), maxZoom: 8, animate: !calm() });
  }

  function camera() {
    const at = new URLSearchParams(location.search).get("at")?.split("/").map(Number);
    return at?.length === 3 && at.every(Number.isFinite)
      ? { zoom: at[0], center: [at[2], at[1]] }
      : { bounds: CHINA, fitBoundsOptions: { padding: around() } };
  }

  function rememberCamera(event) {
    if (!event.originalEvent) return;
    const query = new URLSearchParams(location.search), { lng, lat } = map.getCenter();
    query.set("at", [map.getZoom().toFixed(2), lat.toFixed(3), lng.toFixed(3)].join("/"));
    history.replaceState(history.state, "", `?${query.toString().replaceAll("%2F", "/")}`);
  }

  /* Labels come largest unit first; one that would lie on another, or on a circle of centres, waits until there is room:
   * moved aside it would stand in another province. */
  function provinceLabels() {
    const labels = boot.labels.map(({ name, lon, lat }) => {
      const element = Object.assign(line("span", name), { className: "map-label", ariaHidden: "true" });
      new maplibregl.Marker({ element }).setLngLat([lon, lat]).addTo(map);
      return { element, at: [lon, lat], width: element.offsetWidth + 6, height: element.offsetHeight + 2 };
    });
    const gathered = Boolean(map.getLayer("gathered"));
    const arrange = () => {
      const taken = gathered ? centres.circles() : [];
      for (const { element, at, width, height } of labels) {
        const { x, y } = map.project(at);
        const free = taken.every((t) => Math.abs(t.x - x) * 2 > t.width + width || Math.abs(t.y - y) * 2 > t.height + height);
        element.style.visibility = free ? "" : "hidden";
        if (free) taken.push({ x, y, width, height });
      }
    };
    arrange();
    map.on(gathered ? "idle" : "zoomend", arrange);
  }

  function listen() {
    const target = () => layer && `${layer.level}-fill`;
    map.on("mousemove", (event) => {
      if (!target()) return;
      const centre = centres.under(event.point), unit = map.queryRenderedFeatures(event.point, { layers: [target()] })[0];
      map.getCanvas().style.cursor = centre || unit ? "pointer" : "";
      unit ? focusOn(unit.id, event.point, false) : clearFocus();
    });
    map.on("mouseout", clearFocus);
    map.on("click", (event) => {
      if (!target()) return;
      const centre = centres.under(event.point);
      if (centre) return centres.open(centre);
      centres.hideCard();
      const unit = map.queryRenderedFeatures(event.point, { layers: [target()] })[0];
      if (unit) report(String(unit.id));
    });
    map.on("moveend", rememberCamera);
    box.addEventListener("keydown", onKey);
    box.addEventListener("blur", clearFocus);
    new MutationObserver(dress).observe(html, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
    for (const [id, act] of Object.entries({ "zoom-in": () => map.zoomIn(), "zoom-out": () => map.zoomOut(), "zoom-home": home }))
      document.getElementById(id).addEventListener("click", act);
  }

  function start(done) {
    // MapLibre fetches tiles in a worker, which knows no page address: tiles need a whole one.
    for (const source of Object.values(boot.style.sources))
      source.tiles &&= source.tiles.map((path) => location.origin + path);
    map = new maplibregl.Map({
      container: box.querySelector(".map-canvas"), style: boot.style, ...camera(), attributionControl: false,
      keyboard: false, dragRotate: false, pitchWithRotate: false, renderWorldCopies: false, minZoom: 1.5, maxZoom: 11,
      fadeDuration: 0, locale: { "Map.Title": boot.texts.label }, localIdeographFontFamily: false,
    });
    map.touchZoomRotate.disableRotation();
    map.getCanvas().removeAttribute("tabindex");
    map.getCanvas().setAttribute("aria-hidden", "true");
    map.getCanvas().removeAttribute("role");
    map.once("style.load", () => {
      centres.start({ map, getJSON, shown, fit });
      dress();
      provinceLabels();
      listen();
      done();
    });
  }

  if (!html.dataset.mantineColorScheme)
    html.dataset.mantineColorScheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

  const ready = new Promise((done, refuse) => {
    addEventListener("DOMContentLoaded", () => {
      try {
        start(done);
      } catch (error) {
        refuse(error);
        box.setAttribute("aria-busy", "false");
        fail(boot.texts.no_webgl);
        throw error;
      }
    });
  });
  window.atlas = { show, home, get map() { return map; } };
  show(location.search);
})();

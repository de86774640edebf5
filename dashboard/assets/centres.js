/* Centres on the map: markers by type and status, rings where many lie together, a card for each, and lines from the
 * settlements of a chosen county to its nearest ones. Layers that the page's style has not are left alone. */
(() => {
  "use strict";

  const { marker, ring } = window.atlasPictures;
  const boot = JSON.parse(document.getElementById("atlas-boot").textContent);
  const html = document.documentElement;
  const card = document.getElementById("map-card");
  const NOTHING = { type: "FeatureCollection", features: [] };
  const LAYERS = ["centres", "gathered"];
  const CIRCLE_PX = 26;  // of the circle drawn, at most 30

  let map = null, getJSON = null, shown = null, fit = null;
  let asked = null;       // promise of all centres, once somebody wanted them
  let wanted = "";        // which centres are drawn: type, service, status, each empty for any
  let from = "";          // the question whose lines are drawn, or ""
  let labels = [];        // HTML markers at the ends of its lines

  const layers = () => LAYERS.filter((id) => map.getLayer(id));

  function line(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  /* `page` has the map, how to get JSON, a promise of the first paint, and how to bring a box into view. */
  function start(page) {
    ({ map, getJSON, shown, fit } = page);
    for (const { id, shape, colour } of boot.centre_types)
      for (const status of ["open", "planned", "closed"])
        map.addImage(`${id}-${status}`, marker(shape, colour, status), { pixelRatio: 2 });
    map.on("styleimagemissing", ({ id }) => {
      if (id.startsWith("gathered/"))
        map.addImage(id, ring(id.split("/").slice(1).map(Number), boot.centre_types.map((kind) => kind.colour)), { pixelRatio: 2 });
    });
  }

  async function show(query) {
    const on = query.get("centres") !== "0";
    const [type, service, status] = ["centre_type", "service", "centre_status"].map((name) => query.get(name) ?? ""), only = [type, service, status].join();
    for (const id of layers()) map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    reach(query);
    if (!on || (asked && only === wanted)) return;
    wanted = only;
    asked ??= shown.then(() => getJSON(`${boot.api}centres?lang=${boot.lang}&release=${boot.release}`));
    const all = await asked;
    if (only !== wanted) return;
    const drawn = ({ properties: own }) => (!type || own.type === type) && (!service || own.services.split(",").includes(service)) && (!status || own.status === status);
    map.getSource("centres").setData(only === ",," ? all : { ...all, features: all.features.filter(drawn) });
    map.once("idle", () => { html.dataset.centres = "shown"; });
  }

  /* ---- lines to the nearest centres --------------------------------------------------------------------- */

  async function reach(query) {
    if (!map.getSource("reach")) return;
    const unit = query.get("unit") ?? "", level = query.get("level") ?? boot.levels[0];
    const asks = new URLSearchParams({ level, unit, lang: boot.lang, release: boot.release });
    for (const name of ["centre_type", "service"]) if (query.get(name)) asks.set(name, query.get(name));
    const now = unit && level === boot.levels[0] ? asks.toString() : "";
    if (now === from) return;
    from = now;
    draw(NOTHING);
    if (!now) return;
    const answer = await getJSON(`${boot.api}reach?${now}`);
    if (now === from) draw(answer);
  }

  function draw(answer) {
    const of = (kind) => answer.features.filter((one) => one.geometry.type === kind);
    for (const label of labels) label.remove();
    map.getSource("reach").setData({ ...answer, features: of("LineString") });
    labels = of("Point").map(({ geometry, properties }) => {
      const element = Object.assign(document.createElement("div"), { className: "map-label reach-label" });
      element.append(line("strong", properties.name), line("span", properties.text));
      return new maplibregl.Marker({ element, anchor: "bottom", offset: [0, -8] }).setLngLat(geometry.coordinates).addTo(map);
    });
    html.dataset.reach = String(labels.length);
    const ends = of("LineString").flatMap((one) => one.geometry.coordinates);
    if (!ends.length) return;
    const lon = ends.map((end) => end[0]), lat = ends.map((end) => end[1]);
    fit([[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]]);
  }

  /* ---- what lies under the pointer ---------------------------------------------------------------------- */

  const under = (point) => map.queryRenderedFeatures(point, { layers: layers() })[0];

  /* Where centres are drawn as one circle now, on screen: what has no room beside them gives way. */
  const circles = () => map.queryRenderedFeatures({ layers: ["gathered"] })
    .map((one) => ({ ...map.project(one.geometry.coordinates), width: CIRCLE_PX, height: CIRCLE_PX }));

  async function open(feature) {
    if (feature.layer.id === "centres") return showCard(feature);
    const zoom = await map.getSource("centres").getClusterExpansionZoom(feature.properties.cluster_id);
    map.easeTo({ center: feature.geometry.coordinates, zoom, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  }

  function showCard(feature) {
    const centre = JSON.parse(feature.properties.card), list = document.createElement("dl");
    for (const [label, value] of centre.rows) list.append(line("dt", label), line("dd", value));
    const close = Object.assign(line("button", "×"), { type: "button", onclick: hideCard });
    close.setAttribute("aria-label", boot.texts.close);
    card.replaceChildren(close, line("strong", centre.title), line("span", centre.subtitle), list);
    if (centre.notice) card.append(line("em", centre.notice));
    card.hidden = false;
  }
  function hideCard() { card.hidden = true; }

  window.atlasCentres = { circles, hideCard, open, show, start, under };
})();

/* What happens in the browser alone: controls write the address, the address drives everything else. */
(() => {
  "use strict";

  const boot = JSON.parse(document.getElementById("atlas-boot").textContent);
  const MAP_FIRST_MS = 400;
  const { order, defaults, offered } = boot.query;

  /* Keep the view askable: an indicator brings its own years and distance standards. */
  function fit(query) {
    const { years, standards } = offered[query.get("indicator")] ?? offered[defaults.indicator];
    const asked = Number(query.get("year") ?? defaults.year), values = years.map((option) => Number(option.value));
    if (!values.includes(asked))
      query.set("year", values.reduce((best, y) => Math.abs(y - asked) <= Math.abs(best - asked) ? y : best));
    if (!standards.some((option) => option.value === query.get("standard_km"))) query.delete("standard_km");
    return { years, standards };
  }

  function address(changes) {
    const query = new URLSearchParams(wanted ?? location.search), tidy = new URLSearchParams();
    for (const [name, value] of Object.entries(changes))
      value === null || value === undefined ? query.delete(name) : query.set(name, value);
    // What a place was called once goes with that place.
    if ("unit" in changes && !("former" in changes)) query.delete("former");
    fit(query);
    for (const name of order) {
      const value = query.get(name);
      if (value !== null && value !== String(defaults[name] ?? "")) tidy.set(name, value);
    }
    return `?${tidy.toString().replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",")}`;
  }

  /* The map first: what Dash and React do with a new address takes the page's only thread, often for longer than the map
   * needs for its new colours. A second choice meanwhile builds on the address that is on its way. */
  let wanted = null;
  async function go(changes) {
    const search = address(changes);
    if (search === (wanted ?? (location.search || "?"))) return;
    wanted = search;
    const patience = new Promise((done) => setTimeout(done, MAP_FIRST_MS));
    await Promise.race([window.atlas?.show(search), patience]).catch(() => {});
    if (wanted !== search) return;
    dash_clientside.set_props("url", { search });
  }

  function setTheme(theme) {
    dash_clientside.set_props("mantine", { forceColorScheme: theme === "auto" ? undefined : theme });
  }

  const triggered = () => dash_clientside.callback_context.triggered_id;
  const pressed = () => dash_clientside.callback_context.triggered.some((event) => event.value);
  const field = { indicator: "indicator", year: "year", level: "level", standard: "standard_km", classes: "classes", unsure: "unsure", view: "view" };
  // Controls that only some pages have: none of them is an output, because Dash has no optional ones.
  const extra = { paint: "paint", weights: "weights", "centre-type": "centre_type", service: "service", "centre-status": "centre_status" };

  /* Weights of one's own follow the address, unless somebody is typing them. */
  function followWeights(asked) {
    const box = document.getElementById("own-weights");
    if (!box || box.contains(document.activeElement)) return;
    const written = JSON.parse(box.dataset.presets)[asked] ?? asked;
    const own = new Map(written.split(",").map((part) => part.split(":"))), sum = [...own.values()].reduce((a, b) => a + Number(b), 0);
    for (const input of box.querySelectorAll("input")) {
      const id = JSON.parse(input.id);
      dash_clientside.set_props(id, { value: Math.round(100 * Number(own.get(id.of) ?? 0) / sum) });
    }
  }

  window.dashMantineFunctions = Object.assign(window.dashMantineFunctions ?? {}, { keepAll: ({ options }) => options });

  window.dash_clientside = Object.assign(window.dash_clientside ?? {}, {
    atlas: {
      select(unit) { go({ unit }); },
      choose(...values) {
        const id = triggered(), inputs = Object.keys(field);
        if (id === "centres") return go({ centres: values[inputs.length] ? 1 : 0 });
        if (!field[id]) return;
        const value = values[inputs.indexOf(id)];
        if (value === "" || value === null) return;
        go(id === "level" ? { level: value, rows_page: null } : { [field[id]]: value });
      },
      choose_extra(value) {
        const name = extra[triggered()];
        if (name && value) go({ [name]: value === "all" ? null : value });
      },
      weigh() {
        if (!document.getElementById("own-weights")?.contains(document.activeElement)) return;
        const own = dash_clientside.callback_context.inputs_list[0].map(({ id, value }) => [id.of, Number(value) || 0]).filter(([, weight]) => weight > 0);
        if (own.length) go({ weights: own.map((part) => part.join(":")).join(",") });
      },
      follow(search) {
        const query = new URLSearchParams(search ?? ""), get = (name) => query.get(name) ?? String(defaults[name]);
        const href = address({ lang: boot.lang === "zh" ? "en" : "zh" });
        const { years, standards } = fit(query), standard = query.get("standard_km") ?? standards[0]?.value ?? "";
        wanted = null;
        window.atlas?.show(search ?? "");
        setTheme(get("theme"));
        document.documentElement.dataset.view = get("view");
        for (const [id, name] of Object.entries(extra))
          if (document.getElementById(id)) dash_clientside.set_props(id, { value: query.get(name) ?? defaults[name] ?? "all" });
        followWeights(get("weights"));
        return [href, get("view"), get("indicator"), get("level"), years, get("year"), standards, standard,
          standards.length === 0, get("classes"), get("unsure"), query.get("centres") !== "0", get("view")];
      },
      find(value) {
        if (!value) return;
        const [level, unit, former = null] = value.split(":");
        go({ level, unit, former });
        // After this update has reached the box: within it, the box would keep its choice and take the same place, asked
        // for a second time, as taken back.
        requestAnimationFrame(() => dash_clientside.set_props("search", { value: null, searchValue: "" }));
      },
      theme(clicks) {
        if (clicks) go({ theme: document.documentElement.dataset.mantineColorScheme === "dark" ? "light" : "dark" });
      },
      close(clicks) { if (pressed()) { go({ unit: null }); document.getElementById("map").focus(); } },
      open() {
        if (!pressed()) return;
        const { type, code } = triggered();
        go(type === "open-former" ? { unit: code, former: new URLSearchParams(location.search).get("former") } : { unit: code });
      },
      sort() {
        if (!pressed()) return;
        const { column } = triggered(), query = new URLSearchParams(location.search);
        const same = (query.get("sort") ?? defaults.sort) === column, down = (query.get("descending") ?? "0") === "1";
        go({ sort: column, descending: Number(same ? !down : column === "value"), rows_page: null });
      },
      turn() { if (pressed()) go({ rows_page: triggered().page }); },
      sheet(clicks, label) {
        const box = document.getElementById("controls"), open = box.dataset.open !== "true";
        if (!clicks) return [label, "false"];
        box.dataset.open = open;
        return [open ? boot.texts.close_sheet : boot.texts.open_sheet, String(open)];
      },
      overview(clicks, label) {
        const box = document.getElementById("overview"), open = box.dataset.open !== "true";
        box.dataset.open = open;
        return [open ? box.dataset.close : box.dataset.show, String(open)];
      },
      copy(clicks) {
        if (!clicks) return;
        const say = (text) => { document.getElementById("map-live").textContent = text; };
        navigator.clipboard?.writeText(location.href).then(() => {
          say(boot.texts.copied);
          const button = document.getElementById("copy-link");
          button.dataset.done = "true";
          button.addEventListener("blur", () => delete button.dataset.done, { once: true });
        });
      },
      arrived(children) {
        const title = document.getElementById("panel-title"), unit = new URLSearchParams(location.search).get("unit");
        if (title && unit !== window.atlas?.openUnit) title.focus({ preventScroll: true });
        if (window.atlas) window.atlas.openUnit = unit;
      },
    },
  });
})();

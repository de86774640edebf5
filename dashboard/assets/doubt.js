/* How sure the figures on the map are: bounds for the tip, hatching or fading of what is uncertain.
 *
 * The map asks (`ask`) once its colours are painted, and `drop`s all of it before the next ones: the first colours wait
 * for nothing. Hatching has a vector source of its own with the same tiles, because a new filter makes workers cut all
 * tiles of a source anew, and the coloured ones shall rest.
 */
(() => {
  "use strict";

  // A person who clicks through indicators wants colours; who rests on one gets its doubts too.
  const REST_MS = 2000;
  const GRAVE = 2;
  const FADED = [0, 0.5, 0.8];  // how far a colour goes towards the faint one, by doubt; also in atlas.css

  const boot = JSON.parse(document.getElementById("atlas-boot").textContent);
  const html = document.documentElement;
  let way = boot.query.defaults.unsure;  // "hatch", "fade" or "plain"
  let known = null;                      // the answer about what is on screen, with a row by code
  let timer = null;
  let faded = false;                     // whether colours on the map are fainter than their class
  let page = {};                         // the map, how to colour it again, how to get JSON

  function mix(colour, faint, part) {
    const channels = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
    const other = channels(faint);
    return `rgb(${channels(colour).map((c, i) => Math.round(c + (other[i] - c) * part)).join(" ")})`;
  }

  function drop() {
    clearTimeout(timer);
    timer = null;  // an answer on its way is about other figures
    delete html.dataset.doubt;
    if (known) hatch(null);
    known = null;
    faded = false;
  }

  function ask(key, present) {
    page = present;
    const query = new URLSearchParams(key);
    for (const name of ["classes", "paint"]) query.delete(name);
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = timer, answer = await page.getJSON(`${boot.api}intervals?${query}`);
      if (mine !== timer) return;
      answer.row = new Map(answer.codes.map((code, i) => [code, i]));
      known = answer;
      mark();
    }, way === "fade" ? 0 : REST_MS);
  }

  function want(asked) {
    if ((asked ?? boot.query.defaults.unsure) === way) return;
    way = asked ?? boot.query.defaults.unsure;
    if (known) mark();
  }

  function mark() {
    const fade = way === "fade";
    if (fade || faded) page.colour();
    faded = fade;
    hatch(way === "hatch" && known.codes.length ? known.level : null);
    html.dataset.doubt = way;
  }

  function hatch(hatched) {
    for (const level of boot.levels) {
      const id = `${level}-doubt`, part = { source: id, sourceLayer: level };
      if (level !== hatched) { hide(id, part); continue; }
      const grave = known.codes.filter((_, i) => known.doubt[i] === GRAVE);
      page.map.setFilter(id, ["in", ["id"], ["literal", grave]]);
      page.map.setLayoutProperty(id, "visibility", "visible");
      for (const code of grave) page.map.setFeatureState({ ...part, id: code }, { d: true });
    }
  }

  /* By feature-state, which the frame of the new colours takes along: any change of the style asks for one more frame.
   * Hatching still being cut is given up: a source without a visible layer lets its tiles go, and nobody waits for it. */
  function hide(id, part) {
    if (page.map.getLayoutProperty(id, "visibility") === "none") return;
    if (page.map.isSourceLoaded(id)) page.map.removeFeatureState(part);
    else page.map.setLayoutProperty(id, "visibility", "none");
  }

  /* The colour of a unit, fainter the less certain its figure is. */
  function tint(code, colour, faint) {
    const part = way === "fade" && known ? FADED[known.doubt[known.row.get(code)] ?? 0] : 0;
    return part ? mix(colour, faint, part) : colour;
  }

  const bounds = (code) => known?.text[known.row.get(code)] ?? "";

  window.atlasDoubt = { ask, bounds, drop, tint, want };
})();

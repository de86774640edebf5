/* Dash starts once the map has painted or has failed: React and its components take a second of the page's only
 * thread, which on a slow machine is the second in which the map would paint. The scripts are fetched meanwhile
 * (preload). The table needs no map and does not wait for one; nobody waits longer than PATIENCE_MS. */
(() => {
  "use strict";

  const PATIENCE_MS = 6000;
  const html = document.documentElement;
  let started = false;

  async function startDash() {
    if (started) return;
    started = true;
    const scripts = document.getElementById("dash").content.querySelectorAll("script");
    let last = Promise.resolve();
    for (const script of scripts) {
      if (!script.src) await last;  // text runs on insertion, files in order once they are there
      const copy = document.createElement("script");
      for (const { name, value } of script.attributes) copy.setAttribute(name, value);
      copy.textContent = script.textContent;
      copy.async = false;
      last = new Promise((done, fail) => { copy.onload = done; copy.onerror = fail; });
      document.body.append(copy);
    }
  }

  html.addEventListener("atlas:settled", () => setTimeout(startDash), { once: true });
  if (html.dataset.view === "table") startDash();
  else setTimeout(startDash, PATIENCE_MS);
})();

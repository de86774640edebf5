/* Small pictures that the map is drawn with: patterns of the states without a number, markers of centres. */
(() => {
  "use strict";

  // They are read back at once: on a graphics processor the first of them would cost 430 ms.
  const IN_MEMORY = { willReadFrequently: true };

  function pattern(draw, colours) {
    const size = 16, canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const pen = canvas.getContext("2d", IN_MEMORY);
    if (draw === "doubt") return doubt(pen, colours, size);
    pen.fillStyle = colours.paper; pen.fillRect(0, 0, size, size);
    pen.strokeStyle = pen.fillStyle = colours.ink; pen.lineWidth = 2;
    if (draw === "hatch") for (const x of [-8, 8, 24]) { pen.beginPath(); pen.moveTo(x - 8, 16); pen.lineTo(x + 8, 0); pen.stroke(); }
    else for (const [x, y] of [[4, 4], [12, 12]]) { pen.beginPath(); pen.arc(x, y, 2, 0, 7); pen.fill(); }
    return pen.getImageData(0, 0, size, size);
  }

  /* Thin strokes on nothing, each with a light edge, so that they are seen on light and dark classes alike; they fall
   * the other way than those of no data. */
  function doubt(pen, colours, size) {
    for (const [colour, width, shift] of [[colours.paper, 2.6, 1.4], [colours.ink, 1.6, 0]]) {
      pen.strokeStyle = colour; pen.lineWidth = width;
      for (const x of [-8, 8, 24]) { pen.beginPath(); pen.moveTo(x - 8 + shift, 0); pen.lineTo(x + 8 + shift, 16); pen.stroke(); }
    }
    return pen.getImageData(0, 0, size, size);
  }

  /* Open centres are filled, planned ones hollow, closed ones grey with their colour around. */
  function marker(shape, colour, status) {
    const size = 40, mid = size / 2, canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const pen = canvas.getContext("2d", IN_MEMORY);
    [pen.fillStyle, pen.strokeStyle] = { planned: ["#ffffff", colour], closed: ["#9aa3a0", colour] }[status] ?? [colour, "#ffffff"];
    pen.lineWidth = 4; pen.lineJoin = "round"; pen.beginPath();
    if (shape === "square") pen.rect(8, 8, 24, 24);
    else if (shape === "circle") pen.arc(mid, mid, 10, 0, 2 * Math.PI);
    else if (shape === "triangle") for (const [x, y] of [[20, 6], [34, 31], [6, 31]]) pen.lineTo(x, y);
    else if (shape === "diamond") for (const [x, y] of [[20, 4], [34, 20], [20, 36], [6, 20]]) pen.lineTo(x, y);
    else for (let i = 0; i < 10; i++) {
      const r = i % 2 ? 8 : 18, a = Math.PI * (i / 5 - 0.5);
      pen.lineTo(mid + r * Math.cos(a), mid + 1 + r * Math.sin(a));
    }
    pen.closePath(); pen.stroke(); pen.fill();
    return pen.getImageData(0, 0, size, size);
  }

  /* Centres that lie together: their number, and around it a ring with a part for each type. */
  function ring(counts, colours) {
    const total = counts.reduce((sum, count) => sum + count, 0), radius = Math.min(30, 18 + 4 * Math.log10(total));
    const size = 2 * Math.ceil(radius + 4), mid = size / 2;
    const pen = Object.assign(document.createElement("canvas"), { width: size, height: size }).getContext("2d", IN_MEMORY);
    pen.fillStyle = "#ffffff"; pen.beginPath(); pen.arc(mid, mid, radius + 3, 0, 2 * Math.PI); pen.fill();
    pen.lineWidth = 7;
    let angle = -Math.PI / 2;
    counts.forEach((count, i) => {
      const next = angle + 2 * Math.PI * count / total;
      if (count) { pen.strokeStyle = colours[i]; pen.beginPath(); pen.arc(mid, mid, radius - 2, angle, next); pen.stroke(); }
      angle = next;
    });
    pen.fillStyle = "#17211e"; pen.font = "600 18px sans-serif"; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.fillText(String(total), mid, mid + 1);
    return pen.getImageData(0, 0, size, size);
  }

  window.atlasPictures = { pattern, marker, ring };
})();

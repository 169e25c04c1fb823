// Figures drawn from the table under them, whatever their kind: the library is fetched once, a figure
// is drawn when it comes near the screen, again when its size or the theme changes, and let go when
// it leaves the page. A kind of figure names its data attribute and says what is to be drawn.
(() => {
  "use strict";
  const source = document.currentScript.dataset.charts;
  const drawn = new Map();
  const kinds = new Map();
  let loading = null;

  const library = () => loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });

  async function draw(figure) {
    const attribute = figure.dataset.watched;
    const table = document.getElementById(figure.dataset[attribute]);
    const canvas = figure.querySelector(".canvas");
    if (!table || !canvas || !canvas.clientWidth) return;
    const echarts = await library();
    if (!figure.isConnected) return;
    const chart = drawn.get(figure) || echarts.init(canvas, null, { renderer: "canvas" });
    drawn.set(figure, chart);
    chart.setOption(kinds.get(attribute)(table, figure), true);
    chart.resize();
    figure.dataset.drawn = "true";
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
  }, { rootMargin: "200px" });
  const sized = new ResizeObserver((entries) => {
    for (const entry of entries) drawn.get(entry.target)?.resize();
  });
  function find() {
    for (const [figure, chart] of drawn) if (!figure.isConnected) { chart.dispose(); drawn.delete(figure); }
    document.querySelectorAll("figure:not([data-watched])").forEach((figure) => {
      const attribute = [...kinds.keys()].find((each) => each in figure.dataset);
      if (!attribute) return;
      figure.dataset.watched = attribute;
      seen.observe(figure);
      sized.observe(figure);
    });
  }
  document.addEventListener("DOMContentLoaded", find);
  document.addEventListener("htmx:after:swap", find);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((_, figure) => draw(figure)));
  window.redrawCharts = () => document.querySelectorAll("figure[data-watched]").forEach(draw);

  window.drawing = {
    token: (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
    still: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  // The files come in the order of their names, so every kind is known before anything is looked for.
  window.drawnFigures = (attribute, options) => kinds.set(attribute, options);
})();

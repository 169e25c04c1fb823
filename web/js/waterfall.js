// Waterfalls: what makes up a rate, drawn from the table that stands under it.
(() => {
  "use strict";
  const source = document.querySelector("script[data-charts]").dataset.charts;
  const drawn = new Map();
  let loading = null;

  const library = () => window.echarts ? Promise.resolve(window.echarts) : loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function read(table) {
    const rows = [...table.tBodies[0].rows, ...table.tFoot.rows];
    return rows.map((row, place) => ({
      name: row.cells[0].firstChild.textContent.trim(),
      starts: Number(row.dataset.starts),
      adds: Number(row.dataset.adds),
      said: row.cells[1].textContent.trim(),
      paid: row.cells[2].textContent.trim(),
      is_fee: place > 0 && place < rows.length - 1,
    }));
  }

  function options(parts) {
    const soft = token("--ink-soft");
    const text = { color: soft, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
    const colour = (part) => part.is_fee ? token("--gold") : token("--bronze");
    return {
      animation: !still(), animationDuration: 150, textStyle: text, aria: { enabled: false },
      grid: { left: 4, right: 64, top: 4, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "item", renderMode: "richText", confine: true, backgroundColor: token("--raised"), borderColor: token("--line"), textStyle: { ...text, color: token("--ink") },
        formatter: (point) => `${parts[point.dataIndex].name}\n${parts[point.dataIndex].said}  ${parts[point.dataIndex].paid}`,
      },
      xAxis: { type: "value", min: 0, splitNumber: 4, axisLabel: { ...text, formatter: "{value}%", hideOverlap: true }, splitLine: { lineStyle: { color: token("--line") } } },
      yAxis: { type: "category", inverse: true, data: parts.map((part) => part.name), axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line") } }, axisLabel: { ...text, width: 110, overflow: "truncate" } },
      series: [
        { type: "bar", stack: "rate", silent: true, data: parts.map((part) => part.starts), itemStyle: { color: "transparent" } },
        {
          type: "bar", stack: "rate", barMaxWidth: 24, barMinHeight: 3,
          data: parts.map((part) => ({ value: part.adds, itemStyle: { color: colour(part) } })),
          label: { show: true, position: "right", color: token("--ink"), fontSize: 12, formatter: (point) => parts[point.dataIndex].said },
        },
      ],
    };
  }

  async function draw(figure) {
    const table = document.getElementById(figure.dataset.waterfallOf);
    const canvas = figure.querySelector(".canvas");
    if (!table || !canvas || !canvas.clientWidth) return;
    const echarts = await library();
    if (!figure.isConnected) return;
    const chart = drawn.get(figure) || echarts.init(canvas, null, { renderer: "canvas" });
    drawn.set(figure, chart);
    chart.setOption(options(read(table)), true);
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
    document.querySelectorAll("figure[data-waterfall-of]:not([data-watched])").forEach((figure) => {
      figure.dataset.watched = "true";
      seen.observe(figure);
      sized.observe(figure);
    });
  }
  document.addEventListener("DOMContentLoaded", find);
  document.addEventListener("htmx:after:swap", find);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((_, figure) => draw(figure)));
})();

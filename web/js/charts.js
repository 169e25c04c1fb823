// Charts: each is drawn from the table that stands under it, so the two cannot disagree.
(() => {
  "use strict";
  const { token, still } = window.drawing;

  function read(table) {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.tBodies[0].rows];
    return {
      categories: rows.map((row) => row.cells[0].textContent.trim()),
      series: heads.map((head, place) => ({
        name: head.textContent.trim(),
        skip: "skip" in head.dataset,
        values: rows.map((row) => Number(row.cells[place + 1].dataset.value)),
      })).filter((one) => !one.skip && one.values.some((value) => value)),
    };
  }

  function options(figure, data) {
    const colours = [token("--bronze"), token("--gold"), token("--info")];
    const soft = token("--ink-soft");
    const grouped = (value) => Number(value).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const short = (value) => Number(value).toLocaleString(document.documentElement.lang);
    const text = { color: soft, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
    const decals = [null, { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: token("--raised") }, { symbol: "circle", symbolSize: 0.6, color: token("--raised") }];
    return {
      animation: !still(), animationDuration: 150, textStyle: text,
      aria: { enabled: false },
      grid: { left: 4, right: 8, top: 36, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 12, itemGap: 16, textStyle: text, inactiveColor: soft },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow", shadowStyle: { opacity: 0.06 } },
        backgroundColor: token("--raised"), borderColor: token("--line"), textStyle: { ...text, color: token("--ink") },
        formatter: (points) => [`${figure.dataset.category} ${points[0].name}`, ...points.map((point) => `${point.seriesName}  ${grouped(point.value)}`)].join("\n"),
      },
      xAxis: { type: "category", data: data.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line") } }, axisLabel: { ...text, hideOverlap: true } },
      yAxis: { type: "value", min: 0, splitNumber: 4, axisLabel: { ...text, formatter: short }, splitLine: { lineStyle: { color: token("--line") } } },
      series: data.series.map((one, place) => ({
        name: one.name, type: "bar", stack: "paid", data: one.values, barMaxWidth: 28,
        itemStyle: { color: colours[place % 3], decal: decals[place % 3], borderColor: token("--raised"), borderWidth: data.categories.length > 24 ? 0 : 0.5 },
      })),
    };
  }

  window.drawnFigures("chartOf", (table, figure) => options(figure, read(table)));
})();

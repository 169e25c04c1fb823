// Waterfalls: what makes up a rate, drawn from the table that stands under it.
(() => {
  "use strict";
  const { token, still } = window.drawing;

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

  window.drawnFigures("waterfallOf", (table) => options(read(table)));
})();

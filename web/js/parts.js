// Small parts: tabs, a sample that copies, a table that sorts and filters what it shows.
document.addEventListener("alpine:init", () => {
  "use strict";
  Alpine.data("tabs", () => ({
    init() {
      const first = this.$root.querySelector("[data-tab]");
      if (first) this.show(first.dataset.tab);
    },
    choose(event) {
      this.show(event.currentTarget.dataset.tab);
      window.redrawCharts();
    },
    show(name) {
      this.$root.querySelectorAll("[data-tab]").forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.tab === name)));
      this.$root.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = panel.dataset.panel !== name; });
    },
  }));

  Alpine.data("copy", () => ({
    async copy() {
      await navigator.clipboard.writeText(this.$root.querySelector("code").textContent);
      window.toast(this.$root.dataset.done);
    },
  }));

  const figure = (text) => {
    const number = Number(text.replace(/[,\s]/g, "").replace("−", "-").replace(/[^\d.-].*$/, ""));
    return text.trim() !== "" && Number.isFinite(number) ? number : null;
  };
  Alpine.data("table", () => ({
    sort(event) {
      const head = event.currentTarget.closest("th");
      const place = head.cellIndex;
      const way = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      this.$root.querySelectorAll("th[aria-sort]").forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", way);
      const body = this.$root.querySelector("tbody");
      const order = (a, b) => {
        const [left, right] = [a, b].map((row) => row.cells[place].textContent.trim());
        const [x, y] = [figure(left), figure(right)];
        return x !== null && y !== null && head.classList.contains("num") ? x - y : left.localeCompare(right, document.documentElement.lang);
      };
      const rows = [...body.rows].sort(order);
      body.append(...(way === "ascending" ? rows : rows.reverse()));
    },
    filter(event) {
      const wanted = event.target.value.trim().toLocaleLowerCase();
      this.$root.querySelectorAll("tbody tr").forEach((row) => { row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted); });
    },
  }));
});

// The page itself: a thin line while it waits, menus that close, errors that are said.
(() => {
  "use strict";
  const waiting = () => document.getElementById("waiting");
  const busy = (on) => waiting()?.classList.toggle("on", on);

  // A form is sent once, however often its button is pressed; htmx minds its own forms.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
    if (form.dataset.sent) return event.preventDefault();
    if (event.defaultPrevented) return;
    form.dataset.sent = "true";
    busy(true);
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-closes][open], details.chip[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-closes][open], details.chip[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  // Coming back by the back button finds a page that is awake.
  window.addEventListener("pageshow", () => {
    busy(false);
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("button[aria-disabled='true']").forEach((button) => button.removeAttribute("aria-disabled"));
  });

  document.addEventListener("htmx:before:request", () => busy(true));
  document.addEventListener("htmx:finally:request", () => busy(false));
  // The bank cannot be reached: said where the reader is, and the page stays as it was.
  document.addEventListener("htmx:error", () => {
    const said = document.getElementById("unreachable").content.cloneNode(true);
    const place = document.getElementById("notice");
    if (place) place.replaceChildren(said);
    else document.getElementById("content").prepend(said);
    document.querySelector("#content .problem").scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:after:swap", () => {
    const fresh = document.querySelector("#notice .problem, #one-question");
    fresh?.scrollIntoView({ block: "nearest" });
  });

  // A page that answers a form has an address of its own, so that reading it again sends nothing.
  document.addEventListener("DOMContentLoaded", () => {
    const address = document.getElementById("content")?.dataset.address;
    if (address) history.replaceState(null, "", address);
  });

  window.toast = (words) => {
    const toast = document.getElementById("toast");
    toast.textContent = words;
    setTimeout(() => { if (toast.textContent === words) toast.textContent = ""; }, 2500);
  };
})();

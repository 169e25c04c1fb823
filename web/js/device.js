// Devices: with your consent alone, and only on the page where you come in.
//
// Read here: time zone, languages, screen size and depth, pixel ratio, number of processors, touch
// points, platform, and whether a program drives the browser (navigator.webdriver). With a random
// number that is kept in this browser's storage it becomes two SHA-256 hashes; only these and the
// last of the list are sent. No canvas, fonts, audio, plug-ins, or anything of another site; no
// part of it is used for anything but guarding the account. Taking the consent back deletes the
// number here and the cookie.
document.addEventListener("alpine:init", () => {
  "use strict";
  const NAME = "jiuding-device";
  const hex = (buffer) => [...new Uint8Array(buffer)].map((each) => each.toString(16).padStart(2, "0")).join("");
  const hash = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

  function number() {
    let kept = localStorage.getItem(NAME);
    if (!kept) {
      kept = hex(crypto.getRandomValues(new Uint8Array(32)).buffer);
      localStorage.setItem(NAME, kept);
    }
    return kept;
  }
  function traits() {
    return JSON.stringify([
      Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.languages, navigator.platform,
      [screen.width, screen.height].sort((one, other) => one - other), screen.colorDepth, devicePixelRatio,
      navigator.hardwareConcurrency, navigator.maxTouchPoints,
    ]);
  }
  async function report() {
    const body = { token: await hash(number()), traits: await hash(traits()), is_automated: navigator.webdriver === true };
    const answer = await fetch("/v1/devices", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(String(answer.status));
  }

  Alpine.data("device", () => ({
    is_known: false,
    async init() {
      this.is_known = localStorage.getItem(NAME) !== null;
      if (this.is_known) await report().catch(() => {});
    },
    async change() {
      this.is_known = !this.is_known;
      if (this.is_known) {
        await report().catch(() => { this.is_known = false; });
      } else {
        localStorage.removeItem(NAME);
        await fetch("/v1/devices", { method: "DELETE" });
      }
    },
  }));
});

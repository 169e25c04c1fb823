// The microphone: only where the browser can, only after it was said where the sound goes.
document.addEventListener("alpine:init", () => {
  "use strict";
  const AGREED = "jiuding_voice";
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
  const remembered = () => { try { return localStorage.getItem(AGREED) === "yes"; } catch { return false; } };
  const remember = () => { try { localStorage.setItem(AGREED, "yes"); } catch { /* asked again next time */ } };

  Alpine.data("speech", () => ({
    can: Boolean(Recognition),
    listening: false,
    says: "",
    engine: null,
    toggle() {
      if (this.listening) return this.engine.stop();
      if (!remembered()) return this.$root.querySelector("dialog").showModal();
      return this.listen();
    },
    agree() {
      remember();
      this.refuse();
      this.listen();
    },
    refuse() {
      this.$root.querySelector("dialog").close();
      this.$root.querySelector("textarea").focus();
    },
    listen() {
      const box = this.$root.querySelector("textarea");
      const before = box.value.trim();
      const engine = new Recognition();
      this.engine = engine;
      engine.lang = document.documentElement.lang === "zh-CN" ? "zh-CN" : "en-AU";
      engine.interimResults = true;
      engine.onstart = () => this.became(true, this.$root.dataset.listening);
      engine.onresult = (event) => {
        const heard = [...event.results].map((result) => result[0].transcript).join("");
        box.value = (before ? before + " " : "") + heard.trim();
      };
      engine.onerror = () => { this.says = this.$root.dataset.failed; };
      engine.onend = () => this.became(false, this.says === this.$root.dataset.listening ? "" : this.says);
      engine.start();
    },
    became(listening, says) {
      this.listening = listening;
      this.says = says;
      this.$root.querySelector(".mic").setAttribute("aria-label", listening ? this.$root.dataset.stop : this.$root.dataset.start);
    },
    send(event) {
      // Enter sends, Shift+Enter makes a line; a word being composed is left alone.
      if (event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (event.target.value.trim()) event.target.form.requestSubmit();
    },
  }));

  // An answer read aloud by the browser itself; what it says stays on the screen, figures and all.
  Alpine.data("aloud", () => ({
    can: "speechSynthesis" in window,
    speaking: false,
    label: "",
    init() { this.label = this.$root.dataset.start; },
    destroy() { if (this.can) window.speechSynthesis.cancel(); },
    toggle() {
      if (this.speaking) return this.stop();
      const said = [...this.$root.querySelectorAll("[data-said] p")].map((line) => line.textContent);
      const words = new SpeechSynthesisUtterance(said.join(" "));
      words.lang = this.$root.dataset.lang;
      words.onend = () => this.became(false);
      words.onerror = () => this.became(false);
      window.speechSynthesis.cancel();
      window.speechSynthesis.speak(words);
      return this.became(true);
    },
    stop() {
      window.speechSynthesis.cancel();
      this.became(false);
    },
    became(speaking) {
      this.speaking = speaking;
      this.label = speaking ? this.$root.dataset.stop : this.$root.dataset.start;
    },
  }));
});

// The microphone: only where the browser or the bank can hear, only after it was said where sound goes.
document.addEventListener("alpine:init", () => {
  "use strict";
  const SECONDS_MAX = 28;
  const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
  // What a browser that lists recognition but has none of its own answers.
  const NOT_THERE = ["network", "service-not-allowed", "language-not-supported"];
  const remembered = (whose) => { try { return localStorage.getItem(whose) === "yes"; } catch { return false; } };
  const remember = (whose) => { try { localStorage.setItem(whose, "yes"); } catch { /* asked again next time */ } };

  Alpine.data("speech", () => ({
    can: false,
    bank: false,
    listening: false,
    thinking: false,
    says: "",
    engine: null,
    stop: null,
    timer: 0,
    init() {
      this.bank = !Recognition && this.bankCan();
      this.can = Boolean(Recognition) || this.bank;
    },
    destroy() {
      clearTimeout(this.timer);
      if (this.stop) this.stop(false);
      if (this.engine) this.engine.abort?.();
    },
    bankCan() { return Boolean(this.$root.dataset.ear) && window.ear.can(); },
    browser() { return !this.bank; },
    agreement() { return this.bank ? "jiuding_voice_bank" : "jiuding_voice"; },
    toggle() {
      if (this.thinking) return null;
      if (this.listening) return this.bank ? this.hear() : this.engine.stop();
      if (!remembered(this.agreement())) return this.$root.querySelector("dialog").showModal();
      return this.listen();
    },
    agree() {
      remember(this.agreement());
      this.refuse();
      this.listen();
    },
    refuse() {
      this.$root.querySelector("dialog").close();
      this.$root.querySelector("textarea").focus();
    },
    listen() { return this.bank ? this.record() : this.recognize(); },
    recognize() {
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
      engine.onerror = (event) => {
        // From now on the bank hears, where it can; its own notice comes first.
        if (NOT_THERE.includes(event?.error) && this.bankCan()) this.bank = true;
        this.says = this.bank ? this.$root.dataset.instead : this.$root.dataset.failed;
      };
      engine.onend = () => this.became(false, this.says === this.$root.dataset.listening ? "" : this.says);
      engine.start();
    },
    async record() {
      this.thinking = true;
      try {
        this.stop = await window.ear.listen(this.$root.dataset.ear);
      } catch {
        return this.became(false, this.$root.dataset.denied);
      } finally {
        this.thinking = false;
      }
      this.timer = setTimeout(() => this.hear(), SECONDS_MAX * 1000);
      return this.became(true, this.$root.dataset.recording);
    },
    async hear() {
      clearTimeout(this.timer);
      const stop = this.stop;
      this.stop = null;
      if (!stop) return null;
      this.thinking = true;
      this.became(false, this.$root.dataset.thinking);
      try {
        return this.show(await this.ask(await stop()));
      } catch {
        return this.became(false, this.$root.dataset.unheard);
      } finally {
        this.thinking = false;
      }
    },
    async ask(sound) {
      const lang = document.documentElement.lang === "zh-CN" ? "zh" : "en";
      const answer = await fetch(`/v1/speech?lang=${lang}`, { method: "POST", headers: { "Content-Type": "audio/wav" }, body: sound });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    },
    show(heard) {
      const box = this.$root.querySelector("textarea");
      const before = box.value.trim();
      if (heard.text) box.value = (before ? before + " " : "") + heard.text;
      this.became(false, heard.say.join(" "));
      box.focus();
    },
    // Once the words are changed by hand, what was read back of them may no longer be so.
    changed() { if (!this.listening && !this.thinking) this.says = ""; },
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

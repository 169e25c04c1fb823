// Passkeys: the bank's question goes to the device, its answer goes back with the form.
document.addEventListener("alpine:init", () => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withId = (held) => ({ ...held, id: bytes(held.id) });

  async function post(path, body) {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail || answer.title);
    return answer;
  }
  function plain(credential) {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: credential.getClientExtensionResults() };
  }
  async function sign(question) {
    const publicKey = { ...question, challenge: bytes(question.challenge), allowCredentials: (question.allowCredentials || []).map(withId) };
    return plain(await navigator.credentials.get({ publicKey }));
  }
  async function make(question) {
    const publicKey = {
      ...question, challenge: bytes(question.challenge), user: withId(question.user),
      excludeCredentials: (question.excludeCredentials || []).map(withId),
    };
    return plain(await navigator.credentials.create({ publicKey }));
  }

  Alpine.data("passkey", () => ({
    says: "",
    async confirm() {
      const form = this.$root;
      const chosen = form.elements.party_id;
      this.says = form.dataset.waiting;
      try {
        const question = await post("/passkeys/ask", { purpose: form.dataset.purpose, party_id: chosen ? chosen.value : null });
        form.elements.passkey.value = JSON.stringify(await sign(question));
        form.requestSubmit();
      } catch {
        this.says = form.dataset.failed;
      }
    },
  }));
  Alpine.data("addPasskey", () => ({
    says: "",
    async add() {
      const root = this.$root;
      this.says = root.dataset.waiting;
      try {
        await post("/passkeys", await make(await post("/passkeys/offer", {})));
        this.says = root.dataset.done;
      } catch {
        this.says = root.dataset.failed;
      }
    },
  }));
});

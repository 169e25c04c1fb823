// The bank's own ear: sound from the microphone as a WAV, in the page's memory and nowhere else.
(() => {
  "use strict";
  const RATE = 16000;

  // What the bank reads: one channel, sixteen bits, little end first.
  function wav(samples) {
    const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
    const word = (at, text) => [...text].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
    word(0, "RIFF");
    view.setUint32(4, 36 + samples.length * 2, true);
    word(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, 1, true);
    view.setUint32(24, RATE, true);
    view.setUint32(28, RATE * 2, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    word(36, "data");
    view.setUint32(40, samples.length * 2, true);
    samples.forEach((sample, place) => {
      view.setInt16(44 + place * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
    });
    return new Blob([view.buffer], { type: "audio/wav" });
  }

  async function resampled(pieces, rate) {
    const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (!count) return new Float32Array();
    const offline = new OfflineAudioContext(1, Math.max(1, Math.floor((count * RATE) / rate)), RATE);
    const held = offline.createBuffer(1, count, rate);
    let at = 0;
    for (const piece of pieces) {
      held.copyToChannel(piece, 0, at);
      at += piece.length;
    }
    const source = offline.createBufferSource();
    source.buffer = held;
    source.connect(offline.destination);
    source.start();
    return (await offline.startRendering()).getChannelData(0);
  }

  window.ear = {
    can: () => Boolean(navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode && window.OfflineAudioContext),

    // Listen until the returned `stop` is called, which gives the sound; `path` is the worklet's.
    async listen(path) {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
      const close = () => stream.getTracks().forEach((track) => track.stop());
      let context;
      try {
        context = new AudioContext();
        await context.audioWorklet.addModule(path);
        await context.resume();
        const pieces = [];
        const node = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
        node.port.onmessage = (told) => pieces.push(told.data);
        context.createMediaStreamSource(stream).connect(node);
        return async (wanted = true) => {
          close();
          const rate = context.sampleRate;
          await context.close();
          return wanted ? wav(await resampled(pieces, rate)) : null;
        };
      } catch (error) {
        close();
        context?.close();
        throw error;
      }
    },
  };
})();

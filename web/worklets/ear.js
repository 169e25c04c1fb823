// Runs where sound is heard: hands the page each piece of the first channel, about 40 ms at a time.
registerProcessor("ear", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(2048);
    this.filled = 0;
  }
  process(inputs) {
    const heard = inputs[0][0];
    if (!heard) return true;
    if (this.filled + heard.length > this.piece.length) {
      this.port.postMessage(this.piece.slice(0, this.filled));
      this.filled = 0;
    }
    this.piece.set(heard, this.filled);
    this.filled += heard.length;
    return true;
  }
});

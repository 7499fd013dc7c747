import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/engine/frames.ts
import { PassThrough } from "node:stream";
var FrameParser = class {
  static {
    __name(this, "FrameParser");
  }
  #emit;
  #head = Buffer.alloc(0);
  #left = 0;
  #source = "stdout";
  constructor(emit) {
    this.#emit = emit;
  }
  push(chunk) {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        this.#emit(this.#source, part, this.#left === 0);
        continue;
      }
      const need = 8 - this.#head.length;
      this.#head = Buffer.concat([this.#head, rest.subarray(0, need)]);
      rest = rest.subarray(need);
      if (this.#head.length < 8) return;
      this.#source = this.#head[0] === 2 ? "stderr" : "stdout";
      this.#left = this.#head.readUInt32BE(4);
      this.#head = Buffer.alloc(0);
    }
  }
};
function splitOutput(stream) {
  const out = { stdout: new PassThrough(), stderr: new PassThrough() };
  let blocked = 0;
  const parser = new FrameParser((source, data) => {
    const to = out[source];
    if (to.destroyed || to.writableEnded || to.write(data)) return;
    blocked++;
    stream.pause();
    const resume = /* @__PURE__ */ __name(() => {
      to.off("drain", resume);
      to.off("close", resume);
      if (--blocked === 0) stream.resume();
    }, "resume");
    to.on("drain", resume);
    to.on("close", resume);
  });
  const end = /* @__PURE__ */ __name(() => {
    out.stdout.end();
    out.stderr.end();
  }, "end");
  stream.on("data", (chunk) => parser.push(chunk));
  stream.on("end", end);
  stream.on("close", end);
  stream.on("error", (error) => {
    out.stdout.destroy(error);
    out.stderr.destroy(error);
  });
  return out;
}
__name(splitOutput, "splitOutput");

export {
  FrameParser,
  splitOutput
};

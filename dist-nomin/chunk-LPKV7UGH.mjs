import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/cli/errors.ts
var CliError = class extends Error {
  static {
    __name(this, "CliError");
  }
  likelyCause;
  next;
  constructor(what, likelyCause, next) {
    super(what);
    this.name = "CliError";
    this.likelyCause = likelyCause;
    this.next = next;
  }
  /** The lines a terminal shows. */
  text() {
    const lines = [`error: ${this.message}`];
    if (this.likelyCause) lines.push(`  cause: ${this.likelyCause}`);
    if (this.next) lines.push(`  next:  ${this.next}`);
    return `${lines.join("\n")}
`;
  }
};
var codeOf = /* @__PURE__ */ __name((error) => String(error?.code ?? ""), "codeOf");
var messageOf = /* @__PURE__ */ __name((error) => error instanceof Error ? error.message : String(error), "messageOf");
function explainStart(error, name) {
  if (error instanceof CliError) return error;
  const text = messageOf(error);
  const { port } = error;
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return new CliError(
        `port ${port} is in use, so the API server of cluster ${name} cannot listen on it`,
        "another program, or another cluster, listens there",
        `free it (ss -ltnp 'sport = :${port}' names the program), then krill up ${name}`
      );
    case "EACCES":
    case "EPERM":
      return new CliError(text, "the data folder is not readable by this user", "ls -ld the path above, and chown it");
    case "ENOSPC":
      return new CliError(text, "the disk is full", `free some space, then krill up ${name}`);
    case "EROFS":
      return new CliError(text, "the file system is read-only", "set KRILL_HOME to a folder that can be written");
  }
  if (error instanceof Error && error.name === "EngineUnavailable") {
    return new CliError(
      text,
      "Docker is not running, or this user may not talk to it",
      `start Docker and run krill up ${name} again, or make a cluster without it: krill up NAME --runtime simulated`
    );
  }
  return new CliError(text, void 0, `krill logs ${name}`);
}
__name(explainStart, "explainStart");

export {
  CliError,
  explainStart
};

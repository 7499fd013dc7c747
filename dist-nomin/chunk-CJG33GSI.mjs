import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  require_dist
} from "./chunk-TSQVA7L6.mjs";
import {
  CliError
} from "./chunk-LPKV7UGH.mjs";
import {
  __name,
  __toESM
} from "./chunk-IVUMFKUV.mjs";

// src/cli/kubeconfig-document.ts
var import_yaml = __toESM(require_dist(), 1);
var KubeconfigDocument = class {
  static {
    __name(this, "KubeconfigDocument");
  }
  #document;
  /** `path` is for the error when `text` is not YAML. */
  constructor(path, text) {
    this.#document = (0, import_yaml.parseDocument)(text);
    if (this.#document.errors.length === 0 && (0, import_yaml.isMap)(this.#document.contents)) return;
    throw new CliError(
      `your kubeconfig ${path} is not valid YAML, so krill leaves it as it is`,
      this.#document.errors[0]?.message.split("\n")[0] ?? "it is not a map",
      "repair it; krill kubeconfig NAME prints the entry for a file of its own"
    );
  }
  get currentContext() {
    return this.#document.get("current-context");
  }
  set currentContext(name) {
    this.#document.set("current-context", name);
  }
  /** Two entries of one name never stand side by side: the old one is replaced where it stands. */
  put(list, entry) {
    const sequence = this.#sequence(list);
    if (!sequence) {
      this.#document.set(list, this.#document.createNode([entry]));
      return;
    }
    const node = this.#document.createNode(entry);
    const at = sequence.items.findIndex((item) => item.get("name") === entry.name);
    if (at >= 0) sequence.items[at] = node;
    else {
      sequence.flow = false;
      sequence.items.push(node);
    }
  }
  drop(list, name) {
    const sequence = this.#sequence(list);
    if (sequence) sequence.items = sequence.items.filter((item) => item.get("name") !== name);
  }
  toString() {
    return this.#document.toString({ lineWidth: 0 });
  }
  #sequence(list) {
    const value = this.#document.get(list);
    return value?.items ? value : void 0;
  }
};
export {
  KubeconfigDocument
};

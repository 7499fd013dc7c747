import type { Runtime, SandboxSpec, SandboxState } from '../../node/runtime.ts';
import type { Pod } from '../types.ts';

/** The addresses of a node's pods that stages have: each has a sandbox of the runtime with nothing in it. */
export class StagedAddresses {
  readonly #runtime: Runtime;
  readonly #node: string;
  readonly #specOf: (pod: Pod) => SandboxSpec;
  readonly #sandboxes = new Map<string, SandboxState>();

  constructor(runtime: Runtime, node: string, specOf: (pod: Pod) => SandboxSpec) {
    this.#runtime = runtime;
    this.#node = node;
    this.#specOf = specOf;
  }

  /** The pod's address; it is given one where it has none. */
  async of(pod: Pod, signal: AbortSignal): Promise<string> {
    const uid = pod.metadata.uid ?? '';
    let sandbox = this.#sandboxes.get(uid);
    if (!sandbox) {
      sandbox = await this.#runtime.startSandbox(this.#specOf(pod), signal);
      this.#sandboxes.set(uid, sandbox);
    }
    return sandbox.address;
  }

  /** The address a pod had before krill was started again stays its own. */
  keep(pod: Pod): void {
    const { uid = '', namespace = '', name = '' } = pod.metadata;
    const address = pod.spec.hostNetwork ? undefined : pod.status?.podIP;
    if (!address || this.#sandboxes.has(uid)) return;
    const of = { id: `${uid}-0`, node: this.#node, pod: { namespace, name, uid }, attempt: 0 };
    const sandbox: SandboxState = { ...of, running: true, address, createdAt: 0, containers: [] };
    this.#runtime.restore?.(sandbox);
    this.#sandboxes.set(uid, sandbox);
  }

  /** The pod is gone. */
  async free(uid: string, signal: AbortSignal): Promise<void> {
    const sandbox = this.#sandboxes.get(uid);
    this.#sandboxes.delete(uid);
    if (sandbox) await this.#runtime.removeSandbox(this.#node, sandbox.id, signal);
  }
}

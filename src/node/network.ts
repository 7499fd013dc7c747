/** What the service proxy needs of a node: a long-lived nft session in its network namespace. */
export interface NodeNetwork {
  /** Applies one nft script as a transaction. Scripts for one node run in order. Throws with nft's message. */
  apply(node: string, script: string, signal: AbortSignal): Promise<void>;
  /** Makes the node's kernel forget UDP flows, so that their next packet is sent by the rules of now. */
  forgetUdp(node: string, flows: readonly UdpFlow[], signal: AbortSignal): Promise<void>;
  /** Nodes whose network was made anew and must be programmed from nothing. Returns how to unsubscribe. */
  onReset(sink: (node: string) => void): () => void;
}

/** UDP flows to `address` (any when "") and `port`; only those sent on to `backend`, if given. */
export interface UdpFlow {
  readonly address: string;
  readonly port: number;
  readonly backend?: string;
}

/** Addresses at which processes in pods reach the krill process. */
export interface HostReach {
  /** How: "gateway", "host-internal" or "relay". */
  readonly strategy: string;
  /** The address and ports pods are sent to for the API server and DNS. */
  readonly address: string;
  readonly apiPort: number;
  readonly dnsPort: number;
}

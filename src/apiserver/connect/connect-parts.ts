import type { Dialer, NodeGateway } from '../../node/gateway.ts';
import type { Registry } from '../registry/operation.ts';

/** What connections to nodes and pods need. `nodes` is asked late: nodes are there after the API server. */
export interface ConnectParts {
  readonly registry: Registry;
  readonly nodes: () => NodeGateway & Dialer;
}

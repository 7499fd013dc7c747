import type { Dialer, NodeGateway } from '../node/gateway.ts';

type Gateway = NodeGateway & Dialer;

/** Stands for the kubelets while they are being started: the API server answers before they are there, so calls wait. */
export function lateGateway(gateway: Promise<Gateway>): Gateway {
  return {
    logs: async (...call) => (await gateway).logs(...call),
    exec: async (...call) => (await gateway).exec(...call),
    usage: async (...call) => (await gateway).usage(...call),
    attach: async (...call) => (await gateway).attach(...call),
    dial: async (...call) => (await gateway).dial(...call),
  };
}

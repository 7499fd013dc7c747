import { admitCreate } from '../registry/admit.ts';
import type { Handler, VirtualHandlers } from '../registry/execute.ts';

/** Questions pass admission as whatever else is created does. Source: apiserver `endpoints/handlers/create.go`. */
export const admitted = (handlers: VirtualHandlers): VirtualHandlers =>
  Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, afterAdmission(handler)]));

const afterAdmission =
  (handler: Handler): Handler =>
  (registry, op) => {
    const admitting = admitCreate(registry, op);
    return admitting ? admitting.then(() => handler(registry, op)) : handler(registry, op);
  };

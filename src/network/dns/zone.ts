import type { Answer, SrvAnswer, StringAnswer } from 'dns-packet';
import type { Service, ServicePort } from '../../api/types/core-v1.gen.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';

/** Seconds a cluster answer may be kept; upstream's. */
const ttl = 5;
/** The version of the DNS-based service discovery specification. */
const schemaVersion = '1.1.0';

/** What the zone is made of, looked up at the moment of the question. */
export interface ZoneSource {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, name: string): readonly EndpointSlice[];
  hasNamespace(name: string): boolean;
  serviceAt(address: string): Service | undefined;
  slicesAt(address: string): readonly EndpointSlice[];
  /** Whether an address is of the cluster, so that its reverse name is never asked of others. */
  owns(address: string): boolean;
}

export interface Question {
  readonly name: string;
  readonly type: string;
}

/** What the cluster says: answers, or none for a name that exists (NODATA) or does not (NXDOMAIN). */
export interface Resolution {
  readonly found: boolean;
  readonly answers: readonly Answer[];
  readonly additionals: readonly Answer[];
  /** A name outside the cluster at which the answer goes on (ExternalName). */
  readonly follow?: string;
}

const nothing: Resolution = { found: false, answers: [], additionals: [] };
const empty: Resolution = { found: true, answers: [], additionals: [] };

/** Answers a question about the cluster; undefined when it is about something else and must be forwarded. */
export function resolve(question: Question, domain: string, source: ZoneSource): Resolution | undefined {
  const name = question.name.toLowerCase().replace(/\.$/, '');
  if (name === domain || name.endsWith(`.${domain}`)) {
    const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.');
    return inZone(labels.reverse(), question.name, question.type, domain, source);
  }
  const address = reverseAddress(name);
  return address !== undefined && source.owns(address)
    ? reverse(address, question.name, question.type, domain, source)
    : undefined;
}

/** The record that says how long a "no" may be kept. */
export function soa(domain: string): Answer {
  return {
    name: domain,
    type: 'SOA',
    ttl,
    data: {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: ttl,
    },
  };
}

/** `labels` from the right: ["svc", namespace, service, …]. */
function inZone(labels: string[], name: string, type: string, domain: string, source: ZoneSource): Resolution {
  const [kind, namespace, ...rest] = labels;
  if (kind === undefined) return type === 'SOA' ? { ...empty, answers: [soa(domain)] } : empty;
  if (kind === 'dns-version' && namespace === undefined) {
    return type === 'TXT' ? { ...empty, answers: [{ name, type: 'TXT', ttl, data: schemaVersion }] } : empty;
  }
  if (kind !== 'svc' && kind !== 'pod') return nothing;
  if (namespace === undefined) return empty;
  if (rest.length === 0) return source.hasNamespace(namespace) ? empty : nothing;
  if (kind === 'pod') return pod(rest, namespace, name, type, source);
  return service(rest, namespace, name, type, domain, source);
}

/** A pod's address written with dashes; pods are not looked up, only their namespace, as upstream's default. */
function pod(rest: string[], namespace: string, name: string, type: string, source: ZoneSource): Resolution {
  const address = rest[0]!.replaceAll('-', '.');
  if (rest.length !== 1 || !isIPv4(address) || !source.hasNamespace(namespace)) return nothing;
  return type === 'A' ? { ...empty, answers: [a(name, address)] } : empty;
}

function service(
  rest: string[],
  namespace: string,
  name: string,
  type: string,
  domain: string,
  source: ZoneSource,
): Resolution {
  const [serviceName = '', second, third, ...more] = rest;
  const found = source.service(namespace, serviceName);
  if (!found || more.length > 0) return nothing;
  const base = `${serviceName}.${namespace}.svc.${domain}`;
  const spec = found.spec ?? {};
  if (spec.type === 'ExternalName') {
    if (second !== undefined || !spec.externalName) return nothing;
    const target = spec.externalName.replace(/\.$/, '');
    return { ...empty, answers: [{ name, type: 'CNAME', ttl, data: target }], follow: target };
  }
  const view = new ServiceView(found, source.slices(namespace, serviceName), base);
  if (second === undefined) return whole(view, name, type);
  if (third !== undefined) return oneOf(view, second, third, name, type);
  if (second.startsWith('_')) return view.ports(undefined, second).length > 0 ? empty : nothing;
  return member(view, second, name, type);
}

/** "service.namespace.svc": the Service's own address, or all of a headless one's. */
function whole(view: ServiceView, name: string, type: string): Resolution {
  if (type === 'A') return { ...empty, answers: view.addresses().map((address) => a(name, address)) };
  if (type === 'SRV') return view.srv(name, view.ports(undefined, undefined));
  return empty;
}

/** "_port._protocol.service…". */
function oneOf(view: ServiceView, protocol: string, port: string, name: string, type: string): Resolution {
  if (!port.startsWith('_') || !protocol.startsWith('_')) return nothing;
  const ports = view.ports(port, protocol);
  if (ports.length === 0) return nothing;
  return type === 'SRV' ? view.srv(name, ports) : empty;
}

/** "hostname.service…", of a headless Service's endpoint. */
function member(view: ServiceView, host: string, name: string, type: string): Resolution {
  const addresses = view.members().filter((m) => m.host === host);
  if (addresses.length === 0) return nothing;
  return type === 'A' ? { ...empty, answers: addresses.map((m) => a(name, m.address)) } : empty;
}

interface Member {
  readonly host: string;
  readonly address: string;
}

interface NumberedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** One Service and what is behind it, as the zone shows it. */
class ServiceView {
  readonly #service: Service;
  readonly #slices: readonly EndpointSlice[];
  readonly #base: string;

  constructor(service: Service, slices: readonly EndpointSlice[], base: string) {
    this.#service = service;
    this.#slices = slices.filter((slice) => (slice.addressType as string) === 'IPv4');
    this.#base = base;
  }

  get #headless(): boolean {
    return this.#service.spec?.clusterIP === 'None';
  }

  /** Ready endpoints of a headless Service, each address once. */
  members(): Member[] {
    if (!this.#headless) return [];
    const found = new Map<string, Member>();
    for (const slice of this.#slices) {
      for (const endpoint of slice.endpoints ?? []) {
        const address = endpoint.addresses?.[0];
        if (!address || endpoint.conditions?.ready === false) continue;
        found.set(address, { address, host: hostOf(endpoint, address) });
      }
    }
    return [...found.values()];
  }

  addresses(): string[] {
    if (this.#headless) return this.members().map((m) => m.address);
    const own = this.#service.spec?.clusterIP;
    return own && isIPv4(own) ? [own] : [];
  }

  /** Ports by "_name" and "_protocol", both optional. A headless Service has its endpoints' port numbers. */
  ports(name: string | undefined, protocol: string | undefined): NumberedPort[] {
    const all = this.#headless ? this.#slices.flatMap((slice) => slice.ports ?? []) : (this.#service.spec?.ports ?? []);
    const unique = new Map(all.map((port) => [`${port.name}/${port.protocol}/${port.port}`, numbered(port)]));
    return [...unique.values()].filter(
      (port) =>
        (name === undefined || `_${port.name}` === name) &&
        (protocol === undefined || `_${port.protocol}` === protocol),
    );
  }

  srv(name: string, ports: readonly NumberedPort[]): Resolution {
    const targets = this.#headless
      ? this.members().map((m) => ({ target: `${m.host}.${this.#base}`, address: m.address }))
      : this.addresses().map((address) => ({ target: this.#base, address }));
    const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length)));
    const answers = ports.flatMap((port) =>
      targets.map(
        ({ target }): SrvAnswer => ({ name, type: 'SRV', ttl, data: { priority: 0, weight, port: port.port, target } }),
      ),
    );
    const additionals = targets.map(({ target, address }) => a(target, address));
    return { found: true, answers, additionals };
  }
}

function numbered(port: ServicePort | EndpointPort): NumberedPort {
  return { name: port.name ?? '', protocol: (port.protocol ?? 'TCP').toLowerCase(), port: port.port ?? 0 };
}

/** The first label of an endpoint's own name. */
const hostOf = (endpoint: Endpoint, address: string) => endpoint.hostname || address.replaceAll('.', '-');

function reverse(address: string, name: string, type: string, domain: string, source: ZoneSource): Resolution {
  const names: string[] = [];
  const service = source.serviceAt(address);
  if (service) names.push(`${service.metadata?.name}.${service.metadata?.namespace}.svc.${domain}`);
  for (const slice of service ? [] : source.slicesAt(address)) {
    const owner = slice.metadata?.labels?.['kubernetes.io/service-name'];
    for (const endpoint of slice.endpoints ?? []) {
      if (!owner || !endpoint.addresses?.includes(address)) continue;
      names.push(`${hostOf(endpoint, address)}.${owner}.${slice.metadata?.namespace}.svc.${domain}`);
    }
  }
  if (names.length === 0) return nothing;
  const answers = [...new Set(names)].map((data): StringAnswer => ({ name, type: 'PTR', ttl, data }));
  return type === 'PTR' ? { ...empty, answers } : empty;
}

function reverseAddress(name: string): string | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  return found ? [found[4], found[3], found[2], found[1]].join('.') : undefined;
}

const isIPv4 = (text: string) => /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text);

const a = (name: string, data: string): StringAnswer => ({ name, type: 'A', ttl, data });

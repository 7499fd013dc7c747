import { parseFieldSelector } from '../../../api/field-selector.ts';
import { node as nodeRules } from '../../../resources/rbac/component-rules.ts';
import type { Store } from '../../../store/store.ts';
import type { Attributes } from '../authorizer.ts';
import { ruleAllows } from '../rules.ts';
import * as relations from './relations.ts';

/** What a rule says: yes, or why it does not. */
export type Opinion = true | string;

type Rule = (node: string, asked: Attributes, store: Store) => Opinion;

const among = (verbs: string): ((asked: Attributes) => boolean) => {
  const set: ReadonlySet<string> = new Set(verbs.split(' '));
  return ({ verb }) => set.has(verb);
};

const reads = among('get list watch');
const lists = among('list watch');
const updates = among('update patch');
const owns = among('get create update patch delete');

/** Only what has to do with the node. */
const related =
  (relation: relations.Relation): Rule =>
  (node, { namespace, name }, store) => {
    if (name === '') return 'No Object name found';
    return relation(store, node, namespace, name) || `no relationship found between node '${node}' and this object`;
  };

const get = (relation: relations.Relation): Rule => {
  const found = related(relation);
  return (node, asked, store) => {
    if (asked.verb !== 'get') return 'can only get individual resources of this type';
    return asked.subresource === '' ? found(node, asked, store) : 'cannot get subresource';
  };
};

const read = (relation: relations.Relation): Rule => {
  const found = related(relation);
  return (node, asked, store) => {
    if (!reads(asked)) return 'can only read resources of this type';
    if (asked.subresource !== '') return 'cannot read subresource';
    return asked.namespace === '' ? 'can only read namespaced object of this type' : found(node, asked, store);
  };
};

/** Whether a list or watch asks for what is on the node only. */
function selects({ fieldSelector = '' }: Attributes, field: string, node: string): boolean {
  try {
    return parseFieldSelector(fieldSelector).exactValue(field) === node;
  } catch {
    return false;
  }
}

const getClaim = get(relations.claim);
const relatedClaim = related(relations.claim);
const claims: Rule = (node, asked, store) => {
  if (asked.subresource !== 'status') return getClaim(node, asked, store);
  return updates(asked) ? relatedClaim(node, asked, store) : 'can only get/update/patch this type';
};

const relatedAccount = related(relations.serviceAccount);
const serviceAccounts: Rule = (node, asked, store) => {
  const { verb, subresource, name } = asked;
  if (verb === 'get' && subresource === '') return relatedAccount(node, asked, store);
  if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
  if (subresource !== 'token') return 'can only create token subresource of serviceaccount';
  return relatedAccount(node, asked, store);
};

const leaseNamespace = 'kube-node-lease';
const leases: Rule = (node, asked) => {
  if (!owns(asked)) return 'can only get, create, update, patch, or delete a node lease';
  if (asked.namespace !== leaseNamespace) return `can only access leases in the "${leaseNamespace}" system namespace`;
  // What is created has no name yet: that is for NodeRestriction.
  if (asked.verb !== 'create' && asked.name !== node)
    return 'can only access node lease with the same name as the requesting node';
  return true;
};

const csiNodes: Rule = (node, asked) => {
  if (!owns(asked)) return 'can only get, create, update, patch, or delete a CSINode';
  if (asked.subresource !== '') return 'cannot authorize CSINode subresources';
  if (asked.verb !== 'create' && asked.name !== node)
    return 'can only access CSINode with the same name as the requesting node';
  return true;
};

const relatedSlice = related(relations.resourceSlice);
const sliceVerbs = 'get, watch, list, create, update, patch, delete, deletecollection';
const resourceSlices: Rule = (node, asked, store) => {
  if (asked.subresource !== '') return 'cannot authorize ResourceSlice subresources';
  if (asked.verb === 'create') return true;
  if (owns(asked)) return relatedSlice(node, asked, store);
  if (!lists(asked) && asked.verb !== 'deletecollection')
    return `only the following verbs are allowed for a ResourceSlice: ${sliceVerbs}`;
  const selected = selects(asked, 'spec.nodeName', node);
  return selected || 'can only list/watch/deletecollection resourceslices with nodeName field selector';
};

const nodes: Rule = (node, asked) => {
  const { verb, subresource, name } = asked;
  if (subresource === 'status') return updates(asked) || '';
  if (subresource !== '') return '';
  if (updates(asked) || verb === 'create') return true;
  if (!reads(asked)) return '';
  if (name === node) return true;
  const what = name === '' ? 'all nodes' : `'${name}'`;
  return `node '${node}' cannot read ${what}, only its own Node object`;
};

const getPod = get(relations.pod);
const relatedPod = related(relations.pod);
const pods: Rule = (node, asked, store) => {
  const { verb, subresource, name } = asked;
  if (subresource === 'status') return updates(asked) || '';
  if (subresource === 'eviction') return verb === 'create' || '';
  if (subresource !== '') return '';
  if (verb === 'get') return getPod(node, asked, store);
  if (verb === 'create' || verb === 'delete') return true;
  if (!lists(asked)) return '';
  if (selects(asked, 'spec.nodeName', node)) return true;
  return name === '' ? 'can only list/watch pods with spec.nodeName field selector' : relatedPod(node, asked, store);
};

const relatedRequest = related(relations.podCertificateRequest);
const podCertificateRequests: Rule = (node, asked, store) => {
  const { verb, subresource } = asked;
  if (subresource !== '') return 'nodes may not access the status subresource of PodCertificateRequests';
  if (verb === 'create') return true;
  if (verb === 'get') return relatedRequest(node, asked, store);
  if (!lists(asked)) return '';
  const selected = selects(asked, 'spec.nodeName', node);
  return selected || 'can only list/watch podcertificaterequests with spec.nodeName field selector';
};

/** Resources of which nodes may have a part; all others they may have as their role says. */
const rules: Readonly<Record<string, Rule>> = {
  '/secrets': read(relations.secret),
  '/configmaps': read(relations.configMap),
  '/persistentvolumeclaims': claims,
  '/persistentvolumes': get(relations.volume),
  '/serviceaccounts': serviceAccounts,
  '/nodes': nodes,
  '/pods': pods,
  'resource.k8s.io/resourceclaims': get(relations.resourceClaim),
  'resource.k8s.io/resourceslices': resourceSlices,
  'storage.k8s.io/volumeattachments': get(relations.volumeAttachment),
  'storage.k8s.io/csinodes': csiNodes,
  'coordination.k8s.io/leases': leases,
  'certificates.k8s.io/podcertificaterequests': podCertificateRequests,
};

/** What is to be said of a node's request: yes, or why not. Source: plugin/pkg/auth/authorizer/node/node_authorizer.go. */
export function opinionOf(node: string, asked: Attributes, store: Store): Opinion {
  const key = `${asked.group}/${asked.resource}`;
  const rule = asked.path === undefined && Object.hasOwn(rules, key) ? rules[key] : undefined;
  if (rule) return rule(node, asked, store);
  return nodeRules.some((allowed) => ruleAllows(allowed, asked)) || '';
}

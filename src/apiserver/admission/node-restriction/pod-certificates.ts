import type { PodCertificateRequest } from '../../../api/types/certificates-v1beta1.gen.ts';
import type { Pod } from '../../../api/types/core-v1.gen.ts';
import { mirrorAnnotation } from '../../../resources/rules/pod-annotations.ts';
import { plainRefusal } from '../../plain-refusal.ts';
import { find, q, type Rule, refusal, type World } from './rule.ts';

/** Nodes ask for certificates for the pods that run on them. What may only be late is no 403: the kubelet tries again. */
export const podCertificates: Rule = (node, request, world) => {
  if (request.operation !== 'CREATE') throw refusal(request, `unexpected operation ${request.operation}`);
  if (request.subresource !== '') throw refusal(request, `unexpected subresource ${request.subresource}`);
  const { spec } = request.object as unknown as PodCertificateRequest;
  const { namespace } = request;
  const what = 'PodCertificateRequest';
  const pod = q(`${namespace}/${spec.podName}`);
  if (spec.nodeName !== node)
    throw refusal(request, `${what}.Spec.NodeName=${q(spec.nodeName)}, which is not the requesting node ${q(node)}`);
  const nodeUid = known(world, 'nodes', '', node, `node ${q(node)}`).metadata.uid;
  if (nodeUid !== spec.nodeUID) {
    const named = `names node UID ${q(spec.nodeUID)}, inconsistent with the running node (${q(nodeUid ?? '')})`;
    throw plainRefusal(`${what} for pod ${pod} ${named}`);
  }
  const running = known(world, 'pods', namespace, spec.podName, `pod ${pod}`) as unknown as Pod;
  if (running.metadata.uid !== spec.podUID) {
    const named = `contains pod UID (${q(spec.podUID)}) which differs from running pod ${q(running.metadata.uid ?? '')}`;
    throw plainRefusal(`${what} for pod ${pod} ${named}`);
  }
  if (running.spec?.nodeName !== node)
    throw refusal(request, `pod ${pod} is not running on node ${q(node)} named in the ${what}`);
  if (running.metadata.annotations?.[mirrorAnnotation] !== undefined)
    throw refusal(request, `pod ${pod} is a mirror pod`);
  const { serviceAccountName: account = '' } = running.spec;
  if (account !== spec.serviceAccountName) {
    const named = `contains serviceAccountName (${q(spec.serviceAccountName)}) that differs from running pod (${q(account)})`;
    throw refusal(request, `${what} for pod ${pod} ${named}`);
  }
  const accountName = q(`${namespace}/${account}`);
  const { uid = '' } = known(world, 'serviceaccounts', namespace, account, `service account ${accountName}`).metadata;
  if (uid !== spec.serviceAccountUID) {
    const named = `names service account UID ${q(spec.serviceAccountUID)}, which differs from the running service account (${q(uid)})`;
    throw plainRefusal(`${what} for pod ${pod} ${named}`);
  }
};

function known(world: World, resource: string, namespace: string, name: string, shown: string) {
  const found = find(world, resource, namespace, name);
  if (found) return found;
  const missing = `${resource} ${q(name)} not found`;
  throw plainRefusal(`while retrieving ${shown} named in the PodCertificateRequest: ${missing}`);
}

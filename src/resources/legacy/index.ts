import { groupResource } from '../../api/object.ts';
import { eventVersions } from '../core/event-versions.ts';
import type { Resource } from '../resource.ts';
import { v1beta1CertificateSigningRequest } from './certificate-signing-request.ts';
import { v1beta1CustomResourceDefinition } from './custom-resource-definition.ts';
import { v1beta1ResourceClaim, v1beta1ResourceClaimTemplate, v1beta1ResourceSlice } from './device-claim.ts';
import { v1beta1EndpointSlice } from './endpoint-slice.ts';
import { v2beta1Autoscaler } from './horizontal-pod-autoscaler.ts';
import { v1beta1Ingress } from './ingress.ts';
import { type Differences, oldVersion } from './old-version.ts';
import { v1beta1PodDisruptionBudget } from './pod-disruption-budget.ts';
import { assuredPriorityLevel, v1beta3PriorityLevel } from './priority-level.ts';
import { v1beta1AccessReview } from './subject-access-review.ts';
import { v1beta1Webhooks } from './webhook-configuration.ts';
import {
  appsV1beta1Deployment,
  appsV1beta1StatefulSet,
  extensionsDaemonSet,
  extensionsDeployment,
  extensionsReplicaSet,
} from './workloads.ts';

/** An old version that differs in nothing but its name; fields that it does not know are dropped. */
const same: Differences = {};
const rbac = { 'rbac.authorization.k8s.io/v1beta1': same };
const alphaAdmission = { 'admissionregistration.k8s.io/v1alpha1': same };
const admission = { 'admissionregistration.k8s.io/v1beta1': same };
const storage = { 'storage.k8s.io/v1beta1': same };
const reviews = { 'authorization.k8s.io/v1beta1': same };

/** The old versions of each kind, by the resource it is stored as: all that `src/api/legacy-facts.ts` lists, and those
 * of `src/api/optional-facts.ts` that nothing is stored in. */
const oldVersions: Readonly<Record<string, Readonly<Record<string, Differences>>>> = {
  'controllerrevisions.apps': { 'apps/v1beta2': same, 'apps/v1beta1': same },
  'daemonsets.apps': { 'apps/v1beta2': same, 'extensions/v1beta1': extensionsDaemonSet },
  'deployments.apps': {
    'apps/v1beta2': same,
    'apps/v1beta1': appsV1beta1Deployment,
    'extensions/v1beta1': extensionsDeployment,
  },
  'replicasets.apps': { 'apps/v1beta2': same, 'extensions/v1beta1': extensionsReplicaSet },
  'statefulsets.apps': { 'apps/v1beta2': same, 'apps/v1beta1': appsV1beta1StatefulSet },
  events: { 'events.k8s.io/v1beta1': eventVersions['events.k8s.io/v1']! },
  'horizontalpodautoscalers.autoscaling': { 'autoscaling/v2beta2': same, 'autoscaling/v2beta1': v2beta1Autoscaler },
  'cronjobs.batch': { 'batch/v1beta1': same, 'batch/v2alpha1': same },
  'certificatesigningrequests.certificates.k8s.io': {
    'certificates.k8s.io/v1beta1': v1beta1CertificateSigningRequest,
  },
  'ingresses.networking.k8s.io': {
    'networking.k8s.io/v1beta1': v1beta1Ingress,
    'extensions/v1beta1': v1beta1Ingress,
  },
  'ingressclasses.networking.k8s.io': { 'networking.k8s.io/v1beta1': same },
  'ipaddresses.networking.k8s.io': { 'networking.k8s.io/v1beta1': same },
  'networkpolicies.networking.k8s.io': { 'extensions/v1beta1': same },
  'servicecidrs.networking.k8s.io': { 'networking.k8s.io/v1beta1': same },
  'poddisruptionbudgets.policy': { 'policy/v1beta1': v1beta1PodDisruptionBudget },
  'clusterrolebindings.rbac.authorization.k8s.io': rbac,
  'clusterroles.rbac.authorization.k8s.io': rbac,
  'rolebindings.rbac.authorization.k8s.io': rbac,
  'roles.rbac.authorization.k8s.io': rbac,
  'csidrivers.storage.k8s.io': storage,
  'csinodes.storage.k8s.io': storage,
  'csistoragecapacities.storage.k8s.io': storage,
  'storageclasses.storage.k8s.io': storage,
  'volumeattachments.storage.k8s.io': storage,
  'volumeattributesclasses.storage.k8s.io': storage,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': { ...admission, ...alphaAdmission },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': { ...admission, ...alphaAdmission },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': {
    'admissionregistration.k8s.io/v1beta1': v1beta1Webhooks,
  },
  'validatingadmissionpolicies.admissionregistration.k8s.io': admission,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': admission,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': {
    'admissionregistration.k8s.io/v1beta1': v1beta1Webhooks,
  },
  'apiservices.apiregistration.k8s.io': { 'apiregistration.k8s.io/v1beta1': same },
  'customresourcedefinitions.apiextensions.k8s.io': {
    'apiextensions.k8s.io/v1beta1': v1beta1CustomResourceDefinition,
  },
  'priorityclasses.scheduling.k8s.io': { 'scheduling.k8s.io/v1beta1': same },
  'clustertrustbundles.certificates.k8s.io': { 'certificates.k8s.io/v1alpha1': same },
  'leasecandidates.coordination.k8s.io': { 'coordination.k8s.io/v1alpha2': same },
  'leases.coordination.k8s.io': { 'coordination.k8s.io/v1beta1': same },
  'runtimeclasses.node.k8s.io': { 'node.k8s.io/v1beta1': same },
  'endpointslices.discovery.k8s.io': { 'discovery.k8s.io/v1beta1': v1beta1EndpointSlice },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    'flowcontrol.apiserver.k8s.io/v1beta3': same,
    'flowcontrol.apiserver.k8s.io/v1beta2': same,
    'flowcontrol.apiserver.k8s.io/v1beta1': same,
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': {
    'flowcontrol.apiserver.k8s.io/v1beta3': v1beta3PriorityLevel,
    'flowcontrol.apiserver.k8s.io/v1beta2': assuredPriorityLevel,
    'flowcontrol.apiserver.k8s.io/v1beta1': assuredPriorityLevel,
  },
  'devicetaintrules.resource.k8s.io': { 'resource.k8s.io/v1alpha3': same },
  'deviceclasses.resource.k8s.io': { 'resource.k8s.io/v1beta2': same, 'resource.k8s.io/v1beta1': same },
  'resourceclaims.resource.k8s.io': {
    'resource.k8s.io/v1beta2': same,
    'resource.k8s.io/v1beta1': v1beta1ResourceClaim,
  },
  'resourceclaimtemplates.resource.k8s.io': {
    'resource.k8s.io/v1beta2': same,
    'resource.k8s.io/v1beta1': v1beta1ResourceClaimTemplate,
  },
  'resourceslices.resource.k8s.io': {
    'resource.k8s.io/v1beta2': same,
    'resource.k8s.io/v1beta1': v1beta1ResourceSlice,
  },
  'selfsubjectreviews.authentication.k8s.io': { 'authentication.k8s.io/v1beta1': same },
  'tokenreviews.authentication.k8s.io': { 'authentication.k8s.io/v1beta1': same },
  'localsubjectaccessreviews.authorization.k8s.io': { 'authorization.k8s.io/v1beta1': v1beta1AccessReview },
  'selfsubjectaccessreviews.authorization.k8s.io': reviews,
  'selfsubjectrulesreviews.authorization.k8s.io': reviews,
  'subjectaccessreviews.authorization.k8s.io': { 'authorization.k8s.io/v1beta1': v1beta1AccessReview },
};

/** A kind with its old versions beside those that it has of its own. */
export function withOldVersions(resource: Resource): Resource {
  const old = oldVersions[groupResource(resource)];
  if (!old) return resource;
  const versions = Object.entries(old).map(([apiVersion, differences]) => [
    apiVersion,
    oldVersion(resource, apiVersion, differences),
  ]);
  return { ...resource, versions: { ...resource.versions, ...Object.fromEntries(versions) } };
}

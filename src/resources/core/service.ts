import { nameIsLabel } from '../../api/names.ts';
import type { Service, ServicePort } from '../../api/types/core-v1.gen.ts';
import { ageColumn, formatLabels, loadBalancerAddresses, nameColumn, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepSpec } from '../rules/status.ts';
import { prepareService, prepareServiceUpdate, serviceDefaults } from './service-prepare.ts';
import { validateService } from './service-rules.ts';
import { validateServiceStatus } from './service-status.ts';
import { serviceWarnings } from './service-warnings.ts';

function externalAddresses(service: Service): string {
  const external = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>';
    case 'LoadBalancer':
      return (
        [loadBalancerAddresses(service.status?.loadBalancer?.ingress), ...external].filter(Boolean).join(',') ||
        '<pending>'
      );
    case 'ExternalName':
      return service.spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

const portText = (port: ServicePort): string =>
  port.nodePort ? `${port.port}:${port.nodePort}/${port.protocol}` : `${port.port}/${port.protocol}`;

export const service = defineResource<Service>({
  group: '',
  version: 'v1',
  resource: 'services',
  kind: 'Service',
  createOnUpdate: true,
  validateName: nameIsLabel,
  defaults: serviceDefaults,
  prepareCreate: prepareService,
  prepareUpdate: prepareServiceUpdate,
  validate: validateService,
  warnings: serviceWarnings,
  status: { prepareUpdate: (object, old) => keepSpec(object, old), validateUpdate: validateServiceStatus },
  columns: [
    nameColumn,
    text('Type', (object) => object.spec?.type ?? ''),
    text('Cluster-IP', (object) => object.spec?.clusterIPs?.[0] ?? '<none>'),
    text('External-IP', externalAddresses),
    text('Port(s)', (object) => (object.spec?.ports ?? []).map(portText).join(',') || '<none>'),
    ageColumn,
    wide('Selector', (object) => formatLabels(object.spec?.selector)),
  ],
  selectableFields: {
    'spec.clusterIP': (object) => object.spec?.clusterIP ?? '',
    'spec.type': (object) => object.spec?.type ?? '',
  },
});

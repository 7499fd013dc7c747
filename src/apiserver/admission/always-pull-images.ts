import { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { forbidden } from '../../api/status.ts';
import type { Container, Pod } from '../../api/types/core-v1.gen.ts';
import { everyContainer } from '../../resources/rules/every-container.ts';
import { plainRefusal } from '../plain-refusal.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const root = FieldPath.of('spec');

/**
 * Images are pulled for every pod anew: whoever may not pull one cannot use it because it is on the node already.
 * Source: plugin/pkg/admission/alwayspullimages.
 */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  operations: new Set(['CREATE', 'UPDATE']),
  resources: new Set(['pods']),
  mutate: (request) => {
    const pod = podOf(request);
    if (!pod?.spec || hasOnlyOldImages(pod, request.old as unknown as Pod | undefined)) return;
    for (const { container } of everyContainer(pod.spec, root))
      (container as Mutable<Container>).imagePullPolicy = 'Always';
    for (const { image } of pod.spec.volumes ?? []) if (image) (image as Mutable<typeof image>).pullPolicy = 'Always';
  },
  validate: (request) => {
    const pod = podOf(request);
    if (!pod?.spec || hasOnlyOldImages(pod, request.old as unknown as Pod | undefined)) return;
    const errors = new ErrorList();
    for (const { container, path } of everyContainer(pod.spec, root)) {
      const { imagePullPolicy } = container;
      if (imagePullPolicy !== 'Always') errors.notSupported(path.child('imagePullPolicy'), imagePullPolicy, ['Always']);
    }
    for (const [i, { image }] of (pod.spec.volumes ?? []).entries()) {
      const at = root.child('volumes').index(i).child('image', 'pullPolicy');
      if (image && image.pullPolicy !== 'Always') errors.notSupported(at, image.pullPolicy, ['Always']);
    }
    if (errors.empty) return;
    const texts = errors.errors.map(({ text }) => forbidden(request.served, request.name, text).message);
    throw plainRefusal(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
  },
};

const podOf = ({ subresource, object }: AdmissionRequest): Pod | undefined =>
  subresource ? undefined : (object as unknown as Pod | undefined);

/** An update that brings no image leaves pods of before as they are. */
function hasOnlyOldImages(pod: Pod, old: Pod | undefined): boolean {
  if (!old) return false;
  const known = new Set(imagesOf(old));
  return imagesOf(pod).every((image) => known.has(image));
}

const imagesOf = ({ spec }: Pod): string[] => [
  ...(spec ? everyContainer(spec, root) : []).map(({ container }) => container.image ?? ''),
  ...(spec?.volumes ?? []).flatMap(({ image }) => (image ? [image.reference ?? ''] : [])),
];

/** As much of a taint as tolerations look at: of a node, or of a device. */
interface TaintLike {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: string;
}

interface TolerationLike extends TaintLike {
  readonly operator?: string;
}

const integer = /^-?[0-9]+$/;

/** Whether one toleration covers a taint (v1 helper ToleratesTaint). */
function covers(toleration: TolerationLike, taint: TaintLike): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const [wanted, actual] = [toleration.value ?? '', taint.value ?? ''];
  switch (toleration.operator ?? 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return wanted === actual;
    case 'Lt':
    case 'Gt':
      if (!integer.test(wanted) || !integer.test(actual)) return false;
      return toleration.operator === 'Lt' ? BigInt(actual) < BigInt(wanted) : BigInt(actual) > BigInt(wanted);
    default:
      return false;
  }
}

/** Whether any of the tolerations covers the taint. */
export function tolerates(tolerations: readonly TolerationLike[] | undefined, taint: TaintLike): boolean {
  return tolerations?.some((toleration) => covers(toleration, taint)) ?? false;
}

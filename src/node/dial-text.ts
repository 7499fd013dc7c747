const errnoTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

/**
 * Why a connection to `address` (host:port) failed, in the words of upstream's dialer. The address is the one that was
 * asked for: the runtime may have gone another way to reach it.
 */
export function dialText(address: string, error: unknown): string {
  const code = (error as { code?: string } | undefined)?.code ?? '';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'EOF';
  const known = errnoTexts[code];
  if (known) return `dial tcp ${address}: ${known}`;
  return error instanceof Error ? error.message : String(error);
}

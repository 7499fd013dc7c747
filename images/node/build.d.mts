export function buildNodeImage(out: string): Promise<string | undefined>;

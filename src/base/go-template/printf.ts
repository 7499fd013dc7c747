import { printed } from './values.ts';

const verb = /%([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Go's Sprintf for the verbs v, s, q, d, x, X, f, t and %. */
export function printf(format: string, args: readonly unknown[]): string {
  let at = 0;
  const text = format.replaceAll(verb, (_, flags: string, width: string, precision: string, letter: string) => {
    if (letter === '%') return '%';
    if (at >= args.length) return `%!${letter}(MISSING)`;
    return padded(formatted(letter, args[at++], precision), flags, Number(width ?? 0));
  });
  return at < args.length ? `${text}%!(EXTRA ${args.slice(at).map(printed).join(', ')})` : text;
}

function formatted(letter: string, value: unknown, precision: string | undefined): string {
  const text = value === undefined || value === null ? '<nil>' : printed(value);
  switch (letter) {
    case 'v':
      return text;
    case 's':
      return precision === undefined ? text : text.slice(0, Number(precision));
    case 'q':
      return JSON.stringify(text);
    case 't':
      return String(Boolean(value));
    case 'd':
      return Number.isInteger(Number(value)) ? String(Number(value)) : `%!d(${text})`;
    case 'f':
      return Number(value).toFixed(precision === undefined ? 6 : Number(precision));
    case 'x':
    case 'X': {
      const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(text).toString('hex');
      return letter === 'x' ? hex : hex.toUpperCase();
    }
    default:
      return `%!${letter}(${text})`;
  }
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
}

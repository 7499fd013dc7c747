/** The value of a JSON text; undefined for what is none. For texts of others that may hold anything. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** A boolean as Go's strconv.ParseBool reads it; undefined for what it refuses. */
export const parseBool = (text: string): boolean | undefined => truths.get(text);

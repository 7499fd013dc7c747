import { type Document, isMap, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { CliError } from './errors.ts';

/** The lists of a kubeconfig that a cluster has an entry in. */
export type EntryList = 'clusters' | 'users' | 'contexts';

/** A kubeconfig that is edited in place: comments, order and whatever else is in it stay. */
export class KubeconfigDocument {
  readonly #document: Document;

  /** `path` is for the error when `text` is not YAML. */
  constructor(path: string, text: string) {
    this.#document = parseDocument(text);
    if (this.#document.errors.length === 0 && isMap(this.#document.contents)) return;
    throw new CliError(
      `your kubeconfig ${path} is not valid YAML, so krill leaves it as it is`,
      this.#document.errors[0]?.message.split('\n')[0] ?? 'it is not a map',
      'repair it; krill kubeconfig NAME prints the entry for a file of its own',
    );
  }

  get currentContext(): unknown {
    return this.#document.get('current-context');
  }

  set currentContext(name: string) {
    this.#document.set('current-context', name);
  }

  /** Two entries of one name never stand side by side: the old one is replaced where it stands. */
  put(list: EntryList, entry: { readonly name: string }): void {
    const sequence = this.#sequence(list);
    if (!sequence) {
      this.#document.set(list, this.#document.createNode([entry]));
      return;
    }
    const node = this.#document.createNode(entry) as YAMLMap;
    const at = sequence.items.findIndex((item) => item.get('name') === entry.name);
    if (at >= 0) sequence.items[at] = node;
    else {
      sequence.flow = false;
      sequence.items.push(node);
    }
  }

  drop(list: EntryList, name: string): void {
    const sequence = this.#sequence(list);
    if (sequence) sequence.items = sequence.items.filter((item) => item.get('name') !== name);
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0 });
  }

  #sequence(list: EntryList): YAMLSeq<YAMLMap> | undefined {
    const value = this.#document.get(list) as YAMLSeq<YAMLMap> | undefined;
    return value?.items ? value : undefined;
  }
}

/** The number of replicas cannot be told from a metric; the message says why, in upstream's words. */
export class Uncountable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Uncountable';
  }
}

/**
 * Which claim is to look at which free volume. A volume is offered to one claim at a time, so that the arrival of one
 * volume does not wake all who wait.
 */
export class Offers {
  readonly #byClaim = new Map<string, string>();

  /** Notes the offer, unless the claim has one to look at. Returns whether it was made. */
  make(claim: string, volume: string): boolean {
    if (this.#byClaim.has(claim)) return false;
    this.#byClaim.set(claim, volume);
    return true;
  }

  /** The claim looks: takes back and returns what it was offered. */
  take(claim: string): string | undefined {
    const volume = this.#byClaim.get(claim);
    this.#byClaim.delete(claim);
    return volume;
  }
}

/** There is no more to spend: no further expression is run. The text is upstream's. */
export class OutOfBudget extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
    this.name = 'OutOfBudget';
  }
}

/** What several expressions may cost together. */
export class Budget {
  #left: number;

  constructor(total: number) {
    this.#left = total;
  }

  /** Throws `OutOfBudget` where that is more than there is. */
  pay(cost: number): void {
    if (cost > this.#left) throw new OutOfBudget();
    this.#left -= cost;
  }
}

/** Tells staff of each charge, dispute or closing report that a bug holds up, with its number, once a run of the program. */
export class HeldByABug {
  readonly #what: 'charge' | 'dispute' | 'closing';
  readonly #tellStaff: (detail: string) => void;
  readonly #told = new Set<string>();

  constructor(what: 'charge' | 'dispute' | 'closing', tellStaff: (detail: string) => void) {
    this.#what = what;
    this.#tellStaff = tellStaff;
  }

  note(id: string): void {
    if (this.#told.has(id)) return;
    this.#told.add(id);
    this.#tellStaff(`${this.#what}_held_by_a_bug: ${id}`);
  }
}

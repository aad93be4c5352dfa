/** Tells staff of each charge or dispute that a bug holds up, with its number, once a run of the program. */
export class HeldByABug {
  readonly #what: 'charge' | 'dispute';
  readonly #tellStaff: (detail: string) => void;
  readonly #told = new Set<string>();

  constructor(what: 'charge' | 'dispute', tellStaff: (detail: string) => void) {
    this.#what = what;
    this.#tellStaff = tellStaff;
  }

  note(id: string): void {
    if (this.#told.has(id)) return;
    this.#told.add(id);
    this.#tellStaff(`${this.#what}_held_by_a_bug: ${id}`);
  }
}

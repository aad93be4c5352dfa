/** A view of its own process, as its keeper uses it: what it was sent, and whether it was closed. */
export class FakeView {
  readonly contents = null;
  readonly sent: string[] = [];
  isOpen = true;
  /** Its process ends by itself, for this reason. */
  readonly gone: (why: string) => void;

  constructor(gone: (why: string) => void) {
    this.gone = gone;
  }

  send(name: string): void {
    this.sent.push(name);
  }
  close(): void {
    this.isOpen = false;
  }
}

import type { TestStep } from '../../shared/model/self-test.ts';
import type { Clock } from '../../shared/clock.ts';

/**
 * Leads whoever stands there through one self-test: what to do now, what they answer, what the devices say. Once it is ended
 * nothing that a test waits for comes any more, so it does nothing more.
 */
export class TestGuide {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #step: TestStep = 'looking';
  #isEnded = false;
  #answered: ((yes: boolean) => void) | null = null;
  #look: () => void = () => undefined;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Which of several doors the steps are about. */
  door: number | undefined;

  get step(): TestStep {
    return this.#step;
  }

  /** What they answer. */
  ask(step: TestStep): Promise<boolean> {
    this.#show(step);
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  /** Whether it has become so within this time. */
  until(step: TestStep, isSo: () => boolean, maxMs: number): Promise<boolean> {
    this.#show(step);
    return new Promise((resolve) => {
      const done = (isTrue: boolean): void => {
        this.#stopLooking();
        if (!this.#isEnded) resolve(isTrue);
      };
      this.#stopLooking();
      this.#cancel = this.#clock.after(maxMs, () => {
        done(isSo());
      });
      this.#look = () => {
        if (isSo()) done(true);
      };
      this.#look();
    });
  }

  wait(step: TestStep, ms: number): Promise<unknown> {
    return this.until(step, () => false, ms);
  }

  /** An answer to another step than the one that is shown means nothing. */
  answer(step: TestStep, yes: boolean): boolean {
    if (this.#answered === null || step !== this.#step || this.#isEnded) return false;
    const answered = this.#answered;
    this.#answered = null;
    answered(yes);
    return true;
  }

  /** A device has said something. */
  look(): void {
    this.#look();
  }

  end(): void {
    this.#isEnded = true;
    this.giveUp();
  }

  /** What was asked or watched for counts no more; the next step may come. */
  giveUp(): void {
    this.#answered = null;
    this.#stopLooking();
  }

  #stopLooking(): void {
    this.#cancel();
    this.#look = () => undefined;
  }

  #show(step: TestStep): void {
    this.#step = step;
    if (!this.#isEnded) this.#changed();
  }
}

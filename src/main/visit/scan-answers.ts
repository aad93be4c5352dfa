import { answerToScan } from '../../core/visit/scan-answer.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { AnsweredScan } from '../../shared/model/visit.schema.ts';

/** Remembers the last scan that led to no other screen: it is answered in words and by a sound. */
export class ScanAnswers {
  #last: AnsweredScan | null = null;
  #isNew = false;

  /** Null: no scan has been answered yet. */
  get last(): AnsweredScan | null {
    return this.#last;
  }

  /** `event` has led from `before` to `after`; whether it was a scan that needs an answer is found out here. */
  answer(before: Visit, after: Visit, event: VisitEvent): void {
    const answer = answerToScan(before, after, event);
    if (answer === null) return;
    this.#last = { seq: (this.#last?.seq ?? 0) + 1, ...answer };
    this.#isNew = true;
  }

  /** Whether there is an answer that nobody has been told of; from now on it counts as told. */
  takeNews(): boolean {
    const isNew = this.#isNew;
    this.#isNew = false;
    return isNew;
  }
}

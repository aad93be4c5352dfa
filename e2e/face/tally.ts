import {
  type FaceOutcome,
  faceLimits,
  startMatchAttempt,
  stepMatchAttempt,
} from '../../src/core/identity/face-decision.ts';
import { type FaceTemplate, matchFace } from '../../src/core/identity/face-match.ts';
import type { Descriptor, FaceReport } from '../../src/shared/model/face.schema.ts';

/** A picture stands still, so the decision sees the same frame again and again, this far apart. */
const frameEveryMs = 100;

/** What the product does with a picture that is held before its camera. `challenge`: it asks for a movement, and none comes. */
export type PictureOutcome = FaceOutcome | { kind: 'challenge' };

/** Runs the product's own decision over one analysed picture. */
export function outcomeOf(gallery: readonly FaceTemplate[], report: FaceReport): PictureOutcome {
  const matched = report.descriptor === null ? null : matchFace(gallery, report.descriptor);
  if (matched?.ok === false) throw new Error(matched.error.message);
  const frame = { report, match: matched?.value ?? null };
  let look = startMatchAttempt({ atMs: 0, challengeAlways: false, random: 0 });
  for (let atMs = 0; ; atMs += frameEveryMs) {
    const step = stepMatchAttempt(look, atMs, frame);
    if (step.verdict.kind === 'challenge') return { kind: 'challenge' };
    if (step.verdict.kind !== 'looking' && step.verdict.kind !== 'look_again') return step.verdict;
    if (atMs > faceLimits.budgetMs) throw new Error('no outcome within the budget');
    look = step.attempt;
  }
}

/** Outcomes of a group of pictures, counted. */
export class OutcomeCount {
  #pictures = 0;
  #detected = 0;
  #usable = 0;
  #accepted = 0;
  #acceptedAsOther = 0;
  readonly #rest = new Map<string, number>();
  readonly #problems = new Map<string, number>();

  /** `person` is who is in the picture, if that is somebody who is enrolled and may be accepted. */
  add(report: FaceReport, outcome: PictureOutcome, person: string | null): void {
    this.#pictures++;
    if (report.face !== null) this.#detected++;
    const [problem] = report.problems;
    if (problem === undefined) this.#usable++;
    else count(this.#problems, problem);
    if (outcome.kind !== 'accepted') {
      count(this.#rest, outcome.kind === 'offer_code' ? `offer_code: ${outcome.why}` : outcome.kind);
    } else if (person === null || outcome.memberId === person) this.#accepted++;
    else this.#acceptedAsOther++;
  }

  summary(): object {
    return {
      pictures: this.#pictures,
      detected: this.#detected,
      usable: this.#usable,
      firstProblem: Object.fromEntries(this.#problems),
      accepted: this.#accepted,
      acceptedAsSomebodyElse: this.#acceptedAsOther,
      notAccepted: Object.fromEntries(this.#rest),
      acceptedShare: share(this.#accepted, this.#pictures),
      acceptedShareOfUsable: share(this.#accepted, this.#usable),
    };
  }
}

/** Smallest Euclidean distance of a descriptor to any of the enrolled ones, as face-api.js' FaceMatcher has it. */
export function nearest(
  enrolled: ReadonlyMap<string, readonly Descriptor[]>,
  probe: Descriptor,
): { person: string; distance: number } {
  let best = { person: '', distance: Infinity };
  for (const [person, descriptors] of enrolled) {
    for (const { values } of descriptors) {
      const distance = Math.hypot(...values.map((value, i) => value - (probe.values[i] ?? 0)));
      if (distance < best.distance) best = { person, distance };
    }
  }
  return best;
}

export function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** A share with four digits, or null of nothing. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}

/** Median and 95th percentile, rounded to a tenth. */
export function spread(values: readonly number[]): { median: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number =>
    Math.round((sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)] ?? 0) * 10) / 10;
  return { median: at(0.5), p95: at(0.95) };
}

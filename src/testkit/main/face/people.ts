import fc from 'fast-check';
import { join } from 'node:path';
import { type FaceTemplate, enrolFace } from '../../../core/identity/face-match.ts';
import { descriptorOf, emptyReport, reportOf } from '../../core/faces.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { EnrolmentId } from '../../../shared/ids.ts';
import type { FaceReport } from '../../../shared/model/face.schema.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { FaceVault, vaultFileName } from '../../../main/face/face-vault.ts';

export function must<T>(result: { ok: true; value: T } | { ok: false; error: { code: string } }): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

export function openVault(folder: string, clock: Clock, logger: Logger): FaceVault {
  const path = join(folder, vaultFileName);
  return must(FaceVault.open({ path, vaultKeyHex: 'c3'.repeat(32), clock, logger }));
}

/** Person `index`, as `descriptorOf` makes them: M0, M1 … */
export function templateOf(index: number): FaceTemplate {
  const descriptors = new Array<ReturnType<typeof descriptorOf>>(5).fill(descriptorOf(index));
  return must(enrolFace([], `M${index}`, descriptors));
}

/** Keeps the face of person `index`, without digits. `enrolmentId` left out: the operator was not asked. */
export function keepFace(vault: FaceVault, index: number, atMs: number, enrolmentId?: EnrolmentId): void {
  const more = enrolmentId === undefined ? {} : { enrolmentId };
  must(vault.put({ template: templateOf(index), phoneDigits: null, consentVersion: 'v1', ...more, atMs }));
}

/** A good frame of person `index`, that much like the enrolled face. */
export function frameOf(index: number, similarity = 1, liveness = 0.99, yaw = 0.02): FaceReport {
  return { ...reportOf({ yaw }, liveness), descriptor: descriptorOf(index, similarity) };
}

const bad = { model: 'fr-feature-512', values: [0.123456789] } as const;
/** Any frame: mostly a good one of these people, that much like themselves; now and then one that is no use, or damaged. */
export function reportOfPeople(
  people: readonly number[],
  likeness: readonly number[],
): fc.Arbitrary<FaceReport> {
  return fc.oneof(
    {
      weight: 20,
      arbitrary: fc
        .tuple(
          fc.constantFrom(...people),
          fc.constantFrom(...likeness),
          fc.constantFrom(...new Array<number>(8).fill(0.99), 0.7, 0.1),
          fc.constantFrom(0, 0.05, -0.05, 0.35),
        )
        .map((parts) => frameOf(...parts)),
    },
    fc.constantFrom<FaceReport>(
      emptyReport,
      reportOf({}, 0, ['blurred']),
      { ...frameOf(5), descriptor: bad as unknown as FaceReport['descriptor'] },
      { ...frameOf(5), face: null },
      { ...frameOf(5), descriptor: null },
      { ...frameOf(5), liveness: null },
      frameOf(5, 1, Number.NaN, Number.NaN),
      reportOf({ box: { x: Number.NaN, y: 0, width: Infinity, height: 0 }, eyeOpenness: 0 }),
    ),
  );
}

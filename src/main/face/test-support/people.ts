import { join } from 'node:path';
import { type FaceTemplate, enrolFace } from '../../../core/identity/face-match.ts';
import { descriptorOf, reportOf } from '../../../core/identity/testing/faces.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { FaceReport } from '../../../shared/model/face.ts';
import type { Logger } from '../../platform/logger.ts';
import { FaceVault, vaultFileName } from '../face-vault.ts';

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

/** A good frame of person `index`, that much like the enrolled face. */
export function frameOf(index: number, similarity = 1, liveness = 0.99, yaw = 0.02): FaceReport {
  return { ...reportOf({ yaw }, liveness), descriptor: descriptorOf(index, similarity) };
}

import { createHash } from 'node:crypto';
import { shareParts } from '../model/release-version.ts';

/** Where a cabinet stands among all for a release: 0 to `shareParts - 1`, stable, and another one for the next release. */
export function rollOutShare(release: string, cabinetId: string): number {
  return createHash('sha256').update(`${release}\n${cabinetId}`).digest().readUInt32BE() % shareParts;
}

import type { TargetFile } from 'tuf-js';
import { UpdateError } from './update-error.ts';

/** What one of them must be among a file's hashes: by others alone a file could be made to fit. */
const strongHashes: readonly string[] = ['sha256', 'sha384', 'sha512'];

/**
 * A name is a path below the base address, written in one way only. One that an address would be shortened by (`..`), or that
 * has characters which an address leaves out, is refused: it would be asked for at another place than it says.
 */
export function assertTargetName(name: string): void {
  const isShortened = name.split('/').some((part) => part === '.' || part === '..');
  // eslint-disable-next-line no-control-regex
  if (isShortened || /[\u0000-\u001f\u007f]/.test(name) || /\p{Surrogate}/u.test(name))
    throw new UpdateError('untrusted', `${JSON.stringify(name)} is no name of a file`);
}

/** The name as part of an address: a name that begins like an address is none, and `?` and `#` belong to it. */
export const urlPathOf = (name: string): string =>
  encodeURI(name.replace(/^\//, '')).replace(/[?#]/g, encodeURIComponent);

/** Throws where what is signed for says nothing that a file could be told by. */
export function assertUsableHashes({ path, hashes }: TargetFile): void {
  if (!Object.keys(hashes).some((name) => strongHashes.includes(name)))
    throw new UpdateError('untrusted', `${path} has no hash that counts`);
}

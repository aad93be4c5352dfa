import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ReleaseFile,
  type SlotContent,
  type SlotName,
  launcherFiles,
  slotContentOf,
} from '../shared/launcher.ts';
import { readJsonFile } from '../shared/node/read-json-file.ts';

const chunkBytes = 1_048_576;

export const slotFolder = (root: string, slot: SlotName): string => join(root, 'slots', slot);

/**
 * What is in a slot, when each of its files is there as it has to be, and nothing else: a power cut, a bad block or a hand
 * may have changed it since. Null with a word in `say`: it is not to be started.
 */
export function wholeSlot(root: string, slot: SlotName, say: (why: string) => void): SlotContent | null {
  const folder = slotFolder(root, slot);
  try {
    const content = slotContentOf(readJsonFile(join(folder, launcherFiles.slot)));
    if (content === null) throw new Error(`${launcherFiles.slot} is not there, or of another shape`);
    const known = new Set(content.files.map(({ path }) => path));
    const found = filesBelow(folder).filter((path) => path !== launcherFiles.slot);
    const stranger = found.find((path) => !known.has(path));
    if (stranger !== undefined) throw new Error(`${stranger} does not belong there`);
    for (const file of content.files) assertFile(folder, file);
    return content;
  } catch (error) {
    say(`slot ${slot}: ${String(error)}`);
    return null;
  }
}

/** What it says to be, whole or not. */
export const versionIn = (root: string, slot: SlotName): string | null =>
  slotContentOf(readJsonFile(join(slotFolder(root, slot), launcherFiles.slot)))?.version ?? null;

/** Files by their paths; anything that is neither file nor folder is none of ours and counts as a file that nobody knows. */
function filesBelow(folder: string, above = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${above}${entry.name}`;
    if (entry.isDirectory()) return filesBelow(join(folder, entry.name), `${path}/`);
    return [entry.isFile() ? path : `${path} (no file)`];
  });
}

function assertFile(folder: string, { path, sha256, size }: ReleaseFile): void {
  const whole = join(folder, ...path.split('/'));
  if (statSync(whole).size !== size) throw new Error(`${path} has another size`);
  const hash = createHash('sha256');
  const file = openSync(whole, 'r');
  try {
    const chunk = Buffer.alloc(Math.min(chunkBytes, size + 1));
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk))
      hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  if (hash.digest('hex') !== sha256) throw new Error(`${path} was changed`);
}

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

interface Entry {
  readonly files?: Record<string, Entry> | undefined;
  readonly offset?: string | undefined;
  readonly size?: number | undefined;
}
const entrySchema: z.ZodType<Entry> = z.object({
  files: z.lazy(() => z.record(z.string(), entrySchema)).optional(),
  offset: z.string().optional(),
  size: z.number().optional(),
});

/** Replaces a text by another one of its length in one file of an asar archive: sizes and places stay as they are. */
function replaceIn(archive: string, path: string, from: RegExp, to: (found: string) => string): void {
  const bytes = readFileSync(archive);
  // Chromium's Pickle: size of the header, then the header as a string with its length.
  const filesAt = 8 + bytes.readUInt32LE(4);
  const header = bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12));
  let entry: Entry | undefined = entrySchema.parse(JSON.parse(header));
  for (const part of path.split('/')) entry = entry?.files?.[part];
  if (entry?.offset === undefined || entry.size === undefined) throw new Error(`no ${path} in ${archive}`);
  const at = filesAt + Number(entry.offset);
  const before = bytes.toString('latin1', at, at + entry.size);
  const after = before.replace(from, to);
  if (after === before || after.length !== before.length)
    throw new Error(`${path} was not changed as wanted`);
  bytes.write(after, at, 'latin1');
  writeFileSync(archive, bytes);
}

/**
 * The packed app once more under another version, byte for byte the same but for that; `isBroken`: its page is none, so that no
 * window is ever painted. `trustedRoot`: the file of what it trusts of updates.
 */
export function makeVersion(
  packed: string,
  to: string,
  { version, trustedRoot, isBroken }: { version: string; trustedRoot: string; isBroken: boolean },
): void {
  cpSync(packed, to, { recursive: true });
  const archive = join(to, 'resources', 'app.asar');
  // All versions here have one length.
  const { version: own } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')));
  if (version !== own)
    replaceIn(archive, 'package.json', /"version": "[^"]+"/, () => `"version": "${version}"`);
  if (isBroken)
    replaceIn(archive, 'out/renderer/index.html', /type="module"/, (found) =>
      found.replace('module', 'nodule'),
    );
  writeFileSync(join(to, 'resources', 'update-root.json'), readFileSync(trustedRoot));
  // As root (containers) Chromium cannot build its sandbox; an installed cabinet never runs as root.
  const root = process.getuid?.() === 0 ? '--no-sandbox ' : '';
  const start = `#!/bin/sh\nexec "$(dirname "$0")/kaimen" ${root}--disable-gpu "$@"\n`;
  writeFileSync(join(to, 'start.sh'), start, { mode: 0o755 });
}

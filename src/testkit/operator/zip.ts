import { zipOf as zipOfEntries } from '../../operator/reconciliation/testing.ts';

/** An archive with these files, packed. */
export function zipOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  return zipOfEntries(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
}

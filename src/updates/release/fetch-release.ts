import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { downloadTarget, isWhole } from '../tuf/target-download.ts';
import { withRepository } from '../tuf/trusted-metadata.ts';
import { UpdateError } from '../tuf/update-error.ts';
import { type Release, releaseBytesMax, releaseSchema, releaseTargetName } from './release.schema.ts';

export interface ReleaseSource {
  /** Folder of trusted metadata, of what is on its way, and of descriptions. */
  readonly folder: string;
  /** Metadata is below `metadata`, files are below `targets`. */
  readonly url: string;
  readonly platform: string;
  readonly arch: string;
  readonly clock: Clock;
  /** What counts as now for what expires, wall ms; absent: the system's clock. */
  readonly nowMs?: () => number;
  /** Aborted: what is under way is over at once; what came stays for the next time. */
  readonly stop?: AbortSignal;
}

export const metadataFolderOf = (source: Pick<ReleaseSource, 'folder'>): string =>
  join(source.folder, 'metadata');
export const targetsUrlOf = ({ url }: Pick<ReleaseSource, 'url'>): string =>
  `${url.replace(/\/$/, '')}/targets`;

/**
 * Looks for a release by its version, for this machine: fresh metadata, then the description that is signed for now. One that
 * is signed for no more is `missing`; one that says that it is for another machine, or another version, is `untrusted`.
 * Throws an UpdateError.
 */
export async function fetchRelease(source: ReleaseSource, version: string): Promise<Release> {
  const { folder, url, platform, arch, clock, nowMs, stop } = source;
  const metadataFolder = metadataFolderOf(source);
  const path = join(folder, 'release.json');
  const metadataUrl = `${url.replace(/\/$/, '')}/metadata`;
  const text = await withRepository({ metadataFolder, metadataUrl, clock, nowMs, stop }, async (look) => {
    await look.refresh();
    const name = releaseTargetName(version, platform, arch);
    const target = await look.find(name);
    if (target === null) throw new UpdateError('missing', `nothing is signed for as ${name}`);
    if (target.length > releaseBytesMax) throw new UpdateError('too_long', `${name} is too long`);
    if (!(await isWhole(target, path))) {
      await rm(path, { force: true });
      const partFolder = join(folder, 'part');
      await downloadTarget(target, {
        ...{ url: await look.urlOf(target, targetsUrlOf(source)), path, partFolder, clock, stop },
      });
    }
    return readFile(path, 'utf8');
  });
  return releaseOf(text, { version, platform, arch });
}

function releaseOf(text: string, asked: { version: string; platform: string; arch: string }): Release {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UpdateError('untrusted', 'the description of the release is no JSON');
  }
  const release = releaseSchema.safeParse(value);
  if (!release.success)
    throw new UpdateError('untrusted', 'the description of the release is of another shape');
  for (const name of ['version', 'platform', 'arch'] as const) {
    if (release.data[name] !== asked[name])
      throw new UpdateError('untrusted', `asked for ${asked[name]}, got ${release.data[name]}`);
  }
  return release.data;
}

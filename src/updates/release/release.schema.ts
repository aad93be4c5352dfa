import { z } from 'zod';
import { releaseVersionSchema } from '../../shared/model/update-order.schema.ts';

/** Greatest size of a release's description, bytes: some ten thousand files. */
export const releaseBytesMax = 8_000_000;
const pathSchema = z
  .string()
  .max(400)
  .refine(
    // eslint-disable-next-line no-control-regex
    (path) => path.split('/').every((part) => /^(?!\.{1,2}$)[^/\\:*?"<>|\u0000-\u001f]{1,255}$/.test(part)),
    'a path below the release, of parts that are names',
  );
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * What a release consists of; signed for as `releases/<version>/<platform>-<arch>.json`. Its files are asked for by their
 * hashes, and are as trusted as this is.
 */
export const releaseSchema = z
  .object({
    format: z.literal(1),
    version: releaseVersionSchema,
    platform: z.enum(['linux', 'win32', 'darwin']),
    arch: z.enum(['x64', 'arm64']),
    start: pathSchema,
    files: z
      .array(
        z.object({
          path: pathSchema,
          sha256: sha256Schema,
          size: z.int().min(0).max(2_000_000_000),
          isExecutable: z.boolean(),
        }),
      )
      .min(1)
      .max(20_000),
  })
  .superRefine(({ start, files }, context) => {
    const paths = files.map(({ path }) => path.toLowerCase());
    if (new Set(paths).size < paths.length)
      context.addIssue({ code: 'custom', message: 'two files of one name' });
    if (!files.some(({ path }) => path === start))
      context.addIssue({ code: 'custom', message: 'what is started is none of the files' });
    if (paths.includes('slot.json')) context.addIssue({ code: 'custom', message: 'slot.json is taken' });
  });
export type Release = z.infer<typeof releaseSchema>;

export const releaseTargetName = (version: string, platform: string, arch: string): string =>
  `releases/${version}/${platform}-${arch}.json`;

/** Below the address of the files. */
export const releaseFilePath = (sha256: string): string => `files/${sha256.slice(0, 2)}/${sha256}`;

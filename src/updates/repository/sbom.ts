import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      license: z.unknown().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/**
 * CycloneDX 1.6: what a release was made of, out of `package-lock.json`. What is for development alone is in it, too, with the
 * scope "excluded": parts of it are bundled into pages and programs.
 */
export function sbomOf(lockText: string, version: string): object {
  const { packages } = lockSchema.parse(JSON.parse(lockText));
  const components = Object.entries(packages)
    .filter(([path, { link }]) => path !== '' && link !== true)
    .map(([path, { version: of = '', license, integrity, dev }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const [, algorithm, hash] = /^sha(256|384|512)-(.+)$/.exec(integrity ?? '') ?? [];
      const hex = hash === undefined ? null : Buffer.from(hash, 'base64').toString('hex');
      return {
        type: 'library',
        'bom-ref': `${path}@${of}`,
        name,
        version: of,
        scope: dev === true ? 'excluded' : 'required',
        purl: `pkg:npm/${name.replace('@', '%40')}@${of}`,
        // Old packages have objects and lists there.
        ...(typeof license === 'string' ? { licenses: [{ expression: license }] } : {}),
        ...(hex === null ? {} : { hashes: [{ alg: `SHA-${algorithm ?? ''}`, content: hex }] }),
      };
    });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'kaimen', version } },
    components,
  };
}

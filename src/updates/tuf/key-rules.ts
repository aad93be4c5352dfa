import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { UpdateError } from './update-error.ts';

/** An Ed25519 key in hex, as tuf-js takes it, becomes the same key in DER with this before it (RFC 8410). */
const ed25519DerPrefix = '302a300506032b6570032100';

const roleSchema = z.object({ name: z.string().optional(), keyids: z.array(z.string()) });
const trustSchema = z.object({
  keys: z.record(z.string(), z.object({ keyval: z.object({ public: z.string() }) })),
  roles: z.union([z.array(roleSchema), z.record(z.string(), roleSchema)]).optional(),
  succinct_roles: roleSchema.optional(),
});
type Trust = z.infer<typeof trustSchema>;

/**
 * What tuf-js does not look at in metadata that gives trust away (a root, or delegations): that one key under several names
 * does not count several times towards a threshold, and that delegations are looked through in the order in which they
 * stand (JavaScript moves names that are numbers to the front). All else of the text is tuf-js' to judge.
 */
export function assertCountsOnce(bytes: Buffer): void {
  for (const trust of trustsIn(bytes)) {
    const listed = Array.isArray(trust.roles) ? trust.roles : Object.values(trust.roles ?? {});
    const roles = trust.succinct_roles === undefined ? listed : [...listed, trust.succinct_roles];
    for (const { keyids } of roles) {
      const keys = keyids.flatMap((id) => {
        const key = Object.hasOwn(trust.keys, id) ? trust.keys[id] : undefined;
        return key === undefined ? [] : [identityOf(key.keyval.public)];
      });
      if (new Set(keys).size < keys.length)
        throw new UpdateError('untrusted', 'one key stands for a role under several names');
    }
    if (!Array.isArray(trust.roles)) continue;
    const names = trust.roles.map(({ name = '' }) => name);
    const asVisited = Object.keys(Object.fromEntries(names.map((name) => [name, 0])));
    if (names.length === asVisited.length && names.some((name, i) => name !== asVisited[i]))
      throw new UpdateError('untrusted', 'delegations would not be looked through in their order');
  }
}

/** Throws where the version is none that could be counted from: tuf-js takes any number for the first one. */
export function assertVersion(bytes: Buffer): void {
  let text: { signed?: { version?: unknown } | null } | null;
  try {
    text = JSON.parse(bytes.toString('utf8')) as typeof text;
  } catch {
    return;
  }
  const version = text?.signed?.version;
  if (version !== undefined && !(Number.isSafeInteger(version) && Number(version) >= 1))
    throw new UpdateError('untrusted', 'a version that is no positive number');
}

function trustsIn(bytes: Buffer): Trust[] {
  let signed: { delegations?: unknown } | null;
  try {
    signed = (JSON.parse(bytes.toString('utf8')) as { signed?: typeof signed }).signed ?? null;
  } catch {
    return [];
  }
  return [signed, signed?.delegations].flatMap((one) => {
    const trust = trustSchema.safeParse(one);
    return trust.success ? [trust.data] : [];
  });
}

/** The same for one key, whatever it is written in. */
function identityOf(text: string): string {
  try {
    if (/^[0-9a-f]{64}$/i.test(text)) return `${ed25519DerPrefix}${text.toLowerCase()}`;
    return createPublicKey(text).export({ type: 'spki', format: 'der' }).toString('hex');
  } catch {
    return text.trim().toLowerCase();
  }
}

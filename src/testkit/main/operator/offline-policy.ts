import { sign } from 'node:crypto';
import { type Pair, makePair, startMs } from './signed-answers.ts';
import { memberCodePrefixes } from '../../../shared/model/member.ts';
import { defaultOfflineCaps } from '../../../shared/model/offline-policy.ts';
import { type OfflinePolicy, offlinePolicySchema } from '../../../shared/model/offline-policy.schema.ts';
import { memberDigest } from '../../../shared/node/member-digest.ts';

const hourMs = 3_600_000;
const salt = 'AAECAwQFBgcICQoLDA0ODw';
/** By which the codes of `codeOf` are signed. */
const codePair = makePair();
let codeCount = 0;

export const digestOf = (memberId: string): string => memberDigest(salt, memberId);

/** As an operator hands it out at `startMs`: M1001 may come in here with a name, M1002 without one. */
export function policyOf(over: Partial<OfflinePolicy> = {}): OfflinePolicy {
  return offlinePolicySchema.parse({
    version: 1,
    issuedAtMs: startMs,
    expiresAtMs: startMs + 72 * hourMs,
    currency: 'CNY',
    caps: defaultOfflineCaps,
    memberCodeKeys: [codePair.name],
    salt,
    members: [{ member: { memberId: 'M1001', display: '王*' }, verifiedAtMs: startMs - hourMs }],
    memberDigests: [digestOf('M1001'), digestOf('M1002')],
    denied: [],
    faces: [],
    ...over,
  });
}

/** A member code as the phone shows it, signed by the operator; `pair`: by somebody else. */
export function codeOf(memberId: string, expiresAtMs: number, { privateKey }: Pair = codePair): string {
  const nonce = String(++codeCount).padStart(12, 'n');
  const expires = Math.ceil(expiresAtMs / 1000).toString(36);
  const signed = `${memberCodePrefixes.visit}.${memberId}.${expires}.${nonce}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

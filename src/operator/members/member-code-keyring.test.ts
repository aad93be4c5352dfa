import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import {
  memberCodeKeyAgeMaxMs,
  memberCodeKeyLeadMs,
  memberCodeKeyOverMs,
  memberCodeKeysReadAgainMs,
  memberCodeKeysReadEveryMs,
} from '../limits.ts';
import { memberCodeKey } from '../storage/schema.ts';
import { newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { makeMemberCodeKeys } from './member-code-keys.ts';
import { MemberCodeKeyring } from './member-code-keyring.ts';
import { makeMemberCode, readMemberCode } from './member-code.ts';

const expiresAtS = 1_800_000_000;
const codeOf = (keyring: MemberCodeKeyring) => keyring.make(systemRandom, 'M1001', expiresAtS);
const isTaken = async (keyring: MemberCodeKeyring, code: string) => (await keyring.read(code)).ok;
const unknown = { ok: false, error: { code: 'account.code_unknown' } };

/** All keys look as if they had been made so long ago. */
async function age({ db }: OperatorHarness, ms: number): Promise<void> {
  await db.update(memberCodeKey).set({ madeAtMs: sql`${memberCodeKey.madeAtMs} - ${ms}` });
}

onStorage('two operators on one database', (harness) => {
  it('take each other’s codes, also when both begin at the same moment', async () => {
    const { db, clock } = harness();
    const [one, other] = [new MemberCodeKeyring({ db, clock }), new MemberCodeKeyring({ db, clock })];
    const codes = await Promise.all([codeOf(one), codeOf(other)]);
    for (const code of codes) {
      expect(await isTaken(one, code)).toBe(true);
      expect(await isTaken(other, code)).toBe(true);
    }
    expect(await db.select().from(memberCodeKey)).toHaveLength(1);
  });

  it('let a member in with a code that the other one has made, also after a restart', async () => {
    const first = harness();
    const operators = [
      first.restarted({ ownMemberCodeKeys: false }),
      first.restarted({ ownMemberCodeKeys: false }),
    ];
    for (const [maker, taker] of [operators, [...operators].reverse()]) {
      const reply = await maker?.operator.developmentApi?.inject({
        method: 'POST',
        url: '/dev/member-codes',
        payload: { memberId: 'M1001' },
      });
      const { code } = reply?.json<{ code: string }>() ?? { code: '' };
      expect(await taker?.authorise(newVisitId(first.clock.nowMs()), code)).toMatchObject({
        decision: 'allowed',
      });
    }
    for (const operator of operators) await operator.close();
  });

  it('go on taking the codes of the key before, and of the one that the other has just made', async () => {
    const operator = harness();
    const { db, clock } = operator;
    const [one, other] = [new MemberCodeKeyring({ db, clock }), new MemberCodeKeyring({ db, clock })];
    const old = await codeOf(one);
    expect(await isTaken(other, old)).toBe(true);
    await age(operator, memberCodeKeyAgeMaxMs);
    await clock.advance(memberCodeKeysReadEveryMs);
    const beforeItSigns = await codeOf(one);
    expect(await db.select().from(memberCodeKey)).toHaveLength(2);
    expect(await isTaken(one, old)).toBe(true);
    const [next, first] = await one.publicKeys();
    const signedBy = (code: string, publicKey = '') => {
      const key = publicKeyFromRaw(publicKey);
      return key !== null && readMemberCode({ publicKey: key }, code).ok;
    };
    expect(signedBy(beforeItSigns, first)).toBe(true);
    await age(operator, memberCodeKeyLeadMs);
    await clock.advance(memberCodeKeysReadEveryMs);
    const fresh = await codeOf(one);
    expect(signedBy(fresh, next)).toBe(true);
    for (const code of [beforeItSigns, fresh]) expect(await isTaken(other, code)).toBe(true);
    // The key before that is gone for good.
    await age(operator, memberCodeKeyAgeMaxMs);
    await clock.advance(memberCodeKeysReadEveryMs);
    await codeOf(other);
    expect(await db.select().from(memberCodeKey)).toHaveLength(2);
    expect(await other.read(old)).toMatchObject(unknown);
    expect(await isTaken(other, fresh)).toBe(true);
  });

  it('take no code of the key before any more once the next one signs: it lies in every older copy', async () => {
    const operator = harness();
    const { db, clock } = operator;
    const keyring = new MemberCodeKeyring({ db, clock });
    const old = await codeOf(keyring);
    await age(operator, memberCodeKeyAgeMaxMs);
    await clock.advance(memberCodeKeysReadEveryMs);
    expect(await keyring.publicKeys()).toHaveLength(2);
    await age(operator, memberCodeKeyLeadMs);
    await clock.advance(memberCodeKeysReadEveryMs);
    // Another instance may not have read them yet, and its codes are good for a minute.
    expect(await isTaken(keyring, old)).toBe(true);
    await age(operator, memberCodeKeyOverMs);
    await clock.advance(memberCodeKeysReadEveryMs);
    const [newest, ...more] = await keyring.publicKeys();
    expect(more).toEqual([]);
    expect(newest).toBeDefined();
    expect(await keyring.read(old)).toMatchObject(unknown);
    expect(await isTaken(keyring, await codeOf(keyring))).toBe(true);
  });

  it('take no code of anybody else, and do not ask the database at each', async () => {
    const { db, clock } = harness();
    const keyring = new MemberCodeKeyring({ db, clock });
    const foreign = makeMemberCode(makeMemberCodeKeys(), systemRandom, 'M1001', expiresAtS);
    expect(await keyring.read(foreign)).toMatchObject(unknown);
    await db.delete(memberCodeKey);
    expect(await keyring.read(foreign)).toMatchObject(unknown);
    expect(await db.select().from(memberCodeKey)).toHaveLength(0);
    await clock.advance(memberCodeKeysReadAgainMs);
    await keyring.read(foreign);
    expect(await db.select().from(memberCodeKey)).toHaveLength(1);
  });

  it('begin with the key that an operator from before had in its file', async () => {
    const { db, clock } = harness();
    const firstKey = makeMemberCodeKeys();
    const shown = makeMemberCode(firstKey, systemRandom, 'M1001', expiresAtS);
    expect(await isTaken(new MemberCodeKeyring({ db, clock, firstKey }), shown)).toBe(true);
    expect(await isTaken(new MemberCodeKeyring({ db, clock }), shown)).toBe(true);
  });
});

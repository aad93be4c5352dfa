import type { Db } from '../storage/storage.ts';
import { member } from '../storage/schema.ts';

/** Four members for development: two in good standing, one suspended, one with unpaid charges. */
export const sampleMembers = [
  {
    memberId: 'M1001',
    display: '王*',
    phoneLastDigits: null,
    provider: 'fake',
    standing: 'active',
    owedElsewhereMinor: 0,
    note: 'in good standing',
  },
  {
    memberId: 'M1002',
    display: '138****0217',
    phoneLastDigits: '0217',
    provider: 'fake',
    standing: 'active',
    owedElsewhereMinor: 0,
    note: 'in good standing',
  },
  {
    memberId: 'M1003',
    display: '李*',
    phoneLastDigits: null,
    provider: 'fake',
    standing: 'suspended',
    owedElsewhereMinor: 0,
    note: 'suspended',
  },
  {
    memberId: 'M1004',
    display: '陈*',
    phoneLastDigits: null,
    provider: 'fake',
    standing: 'active',
    owedElsewhereMinor: 9_900,
    note: 'has unpaid charges',
  },
] as const;

/** `verifiedAtMs`: as if the operator had let all of them in then (wall time, ms), so that cabinets may open offline for them; left out: never. */
export async function seedMembers(db: Db, verifiedAtMs: number | null = null): Promise<void> {
  await db
    .insert(member)
    .values(sampleMembers.map((one) => ({ ...one, verifiedAtMs })))
    .onConflictDoNothing();
}

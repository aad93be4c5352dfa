import { eq } from 'drizzle-orm';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { member } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/**
 * Lets a member in no more, or again. A visit that is open goes on to its end; offline it counts with the next policy, which is
 * issued anew when who is suspended has changed (fleet/offline-policy.ts). `conflict`: it is so already.
 */
export async function setStanding(
  tx: Db,
  memberId: string,
  standing: (typeof member.$inferSelect)['standing'],
): Promise<Result<void, ApiFailure>> {
  const [row] = await tx.select().from(member).where(eq(member.memberId, memberId)).for('update');
  if (row === undefined) return fail('not_found', 'no such member');
  if (row.standing === standing) return fail('conflict', `the member is ${standing} already`);
  await tx.update(member).set({ standing }).where(eq(member.memberId, memberId));
  return ok();
}

import { phoneStore } from '../../base/store.ts';
import { ChevronRight } from 'lucide-react';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import { Link } from '../../base/address.tsx';
import { useSession } from '../../base/context.ts';
import { readDraft } from '../../base/draft.ts';
import { fill, ofReason, useSpeech } from '../../i18n/words.ts';
import { StatusChip } from '../purchase/status.tsx';

/** What was bought, when, for how much; where the money is, why, who acts next and when. */
export function PurchaseRow({ purchase }: { purchase: PhonePurchase }) {
  const { words, text, money, time } = useSpeech();
  const { memberId } = useSession();
  const { chargeId, lines, heldLines, told, currency, atMs, refund } = purchase;
  const goods = [...lines, ...heldLines];
  const count = goods.reduce((sum, line) => sum + line.count, 0);
  const [first] = goods;
  const name = first === undefined ? words.purchase.nameless : text(first.name);
  const note = noteOf(purchase, readDraft(phoneStore, memberId, chargeId) !== null);
  const isUndone = told.when !== null && told.status !== 'paid' && told.status !== 'settled';
  return (
    <li>
      <Link
        to={{ at: 'purchase', chargeId }}
        testId={`purchase-${chargeId}`}
        className="flex items-center gap-2 p-4 active:bg-sunk"
      >
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-3">
            <span className="min-w-0 font-semibold">
              {goods.length > 1 ? fill(words.purchase.more_other, { name, count }) : name}
              {goods.length === 1 && <span className="font-normal text-soft"> ×{count}</span>}
            </span>
            {told.amountMinor > 0 && (
              <span className="tabular shrink-0 font-semibold">{money(told.amountMinor, currency)}</span>
            )}
          </span>
          <span className="mt-0.5 flex flex-wrap items-center justify-between gap-x-3 text-small">
            <span className="tabular text-soft">{time(atMs)}</span>
            <StatusChip status={told.status} />
          </span>
          {isUndone && (
            <span className="mt-0.5 block text-small" data-testid="row-why">
              {told.reason !== null && `${ofReason(words.receipt.words, told.reason).why} · `}
              {words.purchase.rowNext[told.when]}
            </span>
          )}
          {refund !== undefined && (
            <span className="mt-0.5 block text-small">
              {fill(words.purchase.rowRefund[refund.stage], { amount: money(refund.amountMinor, currency) })}
            </span>
          )}
          {note !== null && (
            <span className="mt-0.5 block text-small font-semibold text-amber-ink">
              {words.purchase[note]}
            </span>
          )}
        </span>
        <ChevronRight className="size-5 shrink-0 text-soft" aria-hidden="true" />
      </Link>
    </li>
  );
}

/** What is said of a report; null: there is nothing to say. */
function noteOf({ told }: PhonePurchase, hasDraft: boolean): 'notTaken' | 'disputed' | 'draft' | null {
  if (told.report === 'notTaken') return 'notTaken';
  if (hasDraft) return 'draft';
  return told.isReportOpen ? 'disputed' : null;
}

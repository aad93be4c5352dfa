import {
  CircleCheck,
  CircleSlash,
  Clock3,
  CreditCard,
  Eye,
  type LucideIcon,
  Send,
  Undo2,
} from 'lucide-react';
import { isFreeBill } from '../../../../shared/model/charge-lines.ts';
import type { ToldMoney, ToldStatus } from '../../../../shared/model/told-money.ts';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import { ofReason, saidHere, useSpeech, fill } from '../../i18n/words.ts';
import { Service } from '../../ui/service.tsx';
import { Note, type Tone, inkOf } from '../../ui/note.tsx';

/** How each state of the money looks, as on the cabinet's screen. */
const styles: Readonly<Record<ToldStatus, { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  paid: { tone: 'jade', icon: CircleCheck },
  sending: { tone: 'jade', icon: Send },
  follows: { tone: 'amber', icon: Clock3 },
  collecting: { tone: 'cinnabar', icon: CreditCard },
  review: { tone: 'amber', icon: Eye },
  nothing: { tone: 'jade', icon: CircleSlash },
  settled: { tone: 'jade', icon: CircleCheck },
  refunded: { tone: 'jade', icon: Undo2 },
};

export function StatusChip({ status }: { status: ToldStatus }) {
  const { words } = useSpeech();
  const { tone, icon: Icon } = styles[status];
  return (
    <span className={`inline-flex items-center gap-1 font-semibold ${inkOf[tone]}`}>
      <Icon className="size-4 shrink-0" aria-hidden="true" />
      {words.receipt.status[status].chip}
    </span>
  );
}

/** Where the money is, why, and what happens next (unless a report says that): as the cabinet says it (status-note.tsx there). */
export function StatusNote({ purchase: { told, currency, lines, totalMinor } }: { purchase: PhonePurchase }) {
  const { words, money } = useSpeech();
  const { status, reason, report, mayBeCharged } = told;
  const { tone, icon } = styles[status];
  const isPartHeld = told.held === 'held' && status !== 'review';
  const facts = { account: words.receipt.yourAccount, amount: money(told.amountMinor, currency) };
  const plain = status === 'collecting' ? words.statusHere.collecting : words.receipt.status[status].note;
  const isFree = isFreeBill(lines, totalMinor);
  const said = isFree ? words.receipt.freeCounted : fill(plain, facts);
  const note = mayBeCharged ? words.receipt.mayBeCharged : said;
  return (
    <Note
      tone={tone}
      icon={icon}
      testId="purchase-status"
      title={
        <>
          {isFree ? words.receipt.freeTitle : words.receipt.status[status].chip}
          {reason !== null && (
            <span className="font-medium"> · {ofReason(words.receipt.words, reason).why}</span>
          )}
        </>
      }
    >
      {report === null && <p>{reason === null || isPartHeld ? note : nextOf(words, told)}</p>}
      {isPartHeld && <p>{fill(words.receipt.heldPart, { amount: money(told.heldMinor, currency) })}</p>}
    </Note>
  );
}

function nextOf(words: ReturnType<typeof useSpeech>['words'], { reason }: ToldMoney): string {
  if (reason === null) return '';
  const here = reason.startsWith('account.') ? saidHere(words.nextHere, reason) : undefined;
  return here ?? ofReason(words.receipt.words, reason).next;
}

/** What becomes of a report, in true words. Nothing where there is none. */
export function ReportNote({ purchase: { told, ref } }: { purchase: PhonePurchase }) {
  const { words } = useSpeech();
  const { report, isReportOpen } = told;
  if (report === null) return null;
  const decided = isReportOpen ? words.report.received : words.report.decidedTitle;
  return (
    <Note
      tone="amber"
      testId="purchase-report"
      title={report === 'notTaken' ? words.report.notReceived : decided}
    >
      <p>{words.report[report]}</p>
      <p className="tabular text-small text-soft">{fill(words.purchase.contact, { ref })}</p>
      <Service />
    </Note>
  );
}

/** How it was put right, what goes back, who acts next and when. Nothing where all is done. */
export function WhatIsNext({ purchase }: { purchase: PhonePurchase }) {
  const { words, money, time } = useSpeech();
  const { told, refund, currency, nextTryAtMs, means, ref, mayReport, photosLeft } = purchase;
  const { resolved, when } = told;
  // No button that leads nowhere: where it cannot be paid here, the member's own way to pay has a place for it.
  const payAt = told.status === 'collecting' && purchase.payUrl === null ? means : undefined;
  const mayCall = told.report === null && !mayReport && photosLeft === 0;
  if (resolved === null && refund === undefined && when === null && !mayCall) return null;
  return (
    <div className="space-y-1">
      {resolved !== null && (
        <p data-testid="purchase-resolved" className="font-semibold">
          {fill(words.purchase.resolved, {
            by: words.purchase.resolvedBy[resolved.by],
            how: words.purchase.resolvedHow[resolved.how],
            time: time(resolved.atMs),
          })}
        </p>
      )}
      {refund !== undefined && (
        <p data-testid="purchase-refund" className="font-semibold">
          {fill(words.purchase.refund[refundWordsOf(refund)], {
            amount: money(refund.amountMinor, currency),
            time: time(refund.atMs),
          })}
        </p>
      )}
      {when !== null && (
        <p data-testid="purchase-next" className="font-semibold">
          {words.purchase.next[when]}
        </p>
      )}
      {nextTryAtMs !== null && told.status === 'collecting' && told.report === null && (
        <p className="tabular text-soft">{fill(words.purchase.nextTry, { time: time(nextTryAtMs) })}</p>
      )}
      {payAt !== undefined && <p data-testid="purchase-pay-at">{words.purchase.payAt[payAt]}</p>}
      {mayCall && (
        <>
          <p className="text-soft">{fill(words.purchase.callUs, { ref })}</p>
          <Service />
        </>
      )}
    </div>
  );
}

/** Which words say how it goes back, and who does what is still to be done. */
function refundWordsOf({ stage, by }: NonNullable<PhonePurchase['refund']>) {
  return stage === 'done' ? 'done' : by === undefined ? 'under_way' : (`under_way_${by}` as const);
}

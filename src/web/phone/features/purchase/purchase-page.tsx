import { phoneStore } from '../../base/store.ts';
import { useEffect, useState } from 'react';
import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import { Link } from '../../base/address.tsx';
import { useClient, useSession } from '../../base/context.ts';
import { readDraft } from '../../base/draft.ts';
import { useAsked } from '../../base/use-asked.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { lookOf } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Page } from '../../ui/page.tsx';
import { WhenHere } from '../../ui/waiting.tsx';
import { ReceiptCard } from './receipt-card.tsx';
import { ReportNote, StatusNote, WhatIsNext } from './status.tsx';

/** What is owed may be paid at any moment, in another app; what is on its way is soon there. Else it changes seldom. */
const owedPollMs = 2_000;
const otherPollMs = 20_000;

export function PurchasePage({ chargeId }: { chargeId: string }) {
  const { words, money } = useSpeech();
  const client = useClient();
  const asked = useAsked(
    () => client.ask('purchase', undefined, { chargeId }),
    (known) => (known === null || isUnderWay(known) ? owedPollMs : otherPollMs),
  );
  const { value } = asked;
  const status = value?.told.status;
  const wasOwed = useWas(status === 'collecting');
  const isPaid = status === 'paid' || status === 'settled';
  useEffect(() => {
    // Their standing has changed with it: the next door opens.
    if (wasOwed && isPaid) void client.look();
  }, [wasOwed, isPaid, client]);
  const title =
    value === null
      ? words.purchase.detail
      : fill(words.receipt.status[value.told.status].title, {
          amount: money(value.told.amountMinor, value.currency),
        });
  return (
    <Page title={title} back={{ at: 'home' }} screen="purchase">
      <WhenHere asked={asked}>
        {(purchase) => (
          <>
            <div
              aria-live="polite"
              className="space-y-4"
              data-testid="purchase-told"
              data-status={purchase.told.status}
            >
              {wasOwed && isPaid ? (
                <Note tone="jade" testId="paid-now" title={words.purchase.paidNow} />
              ) : (
                <StatusNote purchase={purchase} />
              )}
              <ReportNote purchase={purchase} />
            </div>
            <PayNow purchase={purchase} />
            <WhatIsNext purchase={purchase} />
            <ReceiptCard purchase={purchase} />
            <ReportLink purchase={purchase} />
          </>
        )}
      </WhenHere>
    </Page>
  );
}

function isUnderWay({ told: { status } }: PhonePurchase): boolean {
  return status === 'collecting' || status === 'sending' || status === 'follows';
}

/** Whether it ever was so while somebody looked. */
function useWas(isSo: boolean): boolean {
  const [was, setWas] = useState(isSo);
  // While it is drawn, and not after: nothing is painted in between.
  if (isSo && !was) setWas(true);
  return was;
}

/** Through the provider, in this window: whoever comes back finds this page again, which asks how it stands. */
export function PayNow({ purchase: { payUrl, told, chargeId, ref } }: { purchase: PhonePurchase }) {
  const { words } = useSpeech();
  if (payUrl === null || !told.mayPay) return null;
  return (
    <div className="space-y-2">
      <a
        href={payUrl}
        className={lookOf('primary', true)}
        data-testid={`pay-${chargeId}`}
        aria-describedby={`how-${ref}`}
      >
        {words.purchase.pay}
      </a>
      <p id={`how-${ref}`} className="text-small text-soft">
        {words.purchase.payHow}
      </p>
    </div>
  );
}

function ReportLink({ purchase: { chargeId, mayReport, photosLeft, told } }: { purchase: PhonePurchase }) {
  const { words } = useSpeech();
  const { memberId } = useSession();
  const draft = readDraft(phoneStore, memberId, chargeId);
  const mayAddPhotos = told.report !== null && told.isReportOpen && photosLeft > 0;
  if (!mayReport && !mayAddPhotos) return null;
  const begun = draft === null ? words.report.action : words.report.goOn;
  return (
    <Link to={{ at: 'report', chargeId }} className={lookOf('plain', true)} testId="action-report">
      {mayReport ? begun : words.purchase.photosMore}
    </Link>
  );
}

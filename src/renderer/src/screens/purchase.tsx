import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PurchaseDetail, PurchasesView } from '../../../shared/model/purchase.ts';
import type { Countdown } from '../../../shared/model/visit.ts';
import { Action, Actions, QuietAction } from '../components/action.tsx';
import { DisputeNote } from '../components/dispute.tsx';
import { InCurrency } from '../components/in-currency.tsx';
import { Foot } from '../components/leave.tsx';
import { Money } from '../components/money.tsx';
import { Paper } from '../components/paper.tsx';
import { Qr } from '../components/qr.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { StatusNote } from '../components/status-note.tsx';
import { useKiosk, useText } from '../kiosk/context.ts';
import { formatDateTime, unbroken } from '../kiosk/format.ts';
import { ReportScreen } from './report.tsx';

interface PurchaseProps {
  readonly purchase: PurchaseDetail;
  readonly countdown: Countdown;
}

/** One purchase: what, where, when; where the money is, why, who acts next; what the member can do about it. */
export function PurchaseScreen({ purchase, countdown }: PurchaseProps) {
  const { t } = useTranslation();
  const text = useText();
  const { intents, snapshot } = useKiosk();
  const { id, place } = snapshot.cabinet;
  const { chargeId, billedMinor, totalMinor, status, cabinetId, here } = purchase;
  const isDisputed = purchase.disputed.length > 0;
  const lowered = billedMinor !== totalMinor;
  const [reporting, setReporting] = useState(false);
  if (reporting && purchase.mayDispute) {
    const props = { bill: purchase, countdown, onBack: () => setReporting(false) };
    return (
      <InCurrency currency={purchase.currency}>
        <ReportScreen screen="account" {...props} />
      </InCurrency>
    );
  }
  const report = (): void => {
    // The time runs anew: there is something to read and to choose.
    intents.account({ do: 'purchase', chargeId });
    setReporting(true);
  };
  return (
    <InCurrency currency={purchase.currency}>
      <Stage
        screen="account"
        reason="purchase"
        title={t('purchases.detail')}
        lead={
          <>
            <StatusNote status={status} reason={purchase.reason} quiet={isDisputed} />
            {isDisputed && <DisputeNote receipt={purchase} />}
          </>
        }
        foot={<PurchaseFoot purchase={purchase} countdown={countdown} onReport={report} />}
      >
        <div className="flex h-full flex-col gap-24">
          <Paper
            receipt={purchase}
            billed={lowered ? { amount: billedMinor, isPaid: status === 'paid' } : undefined}
            place={here ? `${text(place)} · ${id}` : t('purchases.elsewhere', { id: unbroken(cabinetId) })}
          />
          <Next purchase={purchase} />
        </div>
      </Stage>
    </InCurrency>
  );
}

/** Who acts next, and when; whom to call where nothing can be reported here. In a place of its own: the note above is long enough. */
function Next({ purchase }: { purchase: PurchaseDetail }) {
  const { t } = useTranslation();
  const { language, snapshot } = useKiosk();
  const { when, nextTryAtMs, disputed, mayDispute, ref } = purchase;
  const isDisputed = disputed.length > 0;
  const mayCall = !isDisputed && !mayDispute;
  if (when === null && !mayCall) return null;
  return (
    <div className="shrink-0 space-y-8 px-44 text-small leading-snug">
      {when !== null && (
        <p data-testid="purchase-next">
          <span className="font-semibold">{t(`purchases.next.${when}`)}</span>
          {nextTryAtMs !== null && !isDisputed && (
            <span className="tabular block text-soft">
              {t('purchases.nextTry', { time: formatDateTime(nextTryAtMs, language) })}
            </span>
          )}
        </p>
      )}
      {mayCall && (
        <p data-testid="purchase-call" className="text-soft">
          {t('purchases.callUs', { phone: unbroken(snapshot.cabinet.servicePhone), ref })}
        </p>
      )}
    </div>
  );
}

function PurchaseFoot({ purchase, countdown, onReport }: PurchaseProps & { onReport: () => void }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { mayPay, mayDispute } = purchase;
  const toList = (): void => intents.account({ do: 'purchases' });
  const report = (
    <Action testId="action-dispute" kind="secondary" onPress={onReport}>
      {t('dispute.action')}
    </Action>
  );
  const pay = (
    <Action testId="action-pay" onPress={() => intents.account({ do: 'pay' })}>
      {t('purchases.pay')}
    </Action>
  );
  if (mayPay && mayDispute) {
    const back = (
      <QuietAction testId="action-purchases" onPress={toList}>
        {t('purchases.back')}
        <Ring countdown={countdown} size={64} width={9} textClassName="text-[calc(var(--u)*28)] text-ink" />
      </QuietAction>
    );
    return (
      <Foot back={back}>
        {report}
        {pay}
      </Foot>
    );
  }
  const back = (
    <Action testId="action-purchases" kind="secondary" onPress={toList}>
      {t('purchases.back')}
      <Ring countdown={countdown} size={84} width={9} textClassName="text-[calc(var(--u)*34)] text-ink" />
    </Action>
  );
  if (!mayPay && !mayDispute) return back;
  return (
    <Actions>
      {back}
      {mayPay ? pay : report}
    </Actions>
  );
}

type PayView = Extract<PurchasesView, { phase: 'pay' }>;

/** The QR to pay one purchase with; main asks whether it is paid, and shows the purchase as soon as it is. */
export function PayScreen({ account, countdown }: { account: PayView; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { purchase, payUrl } = account;
  const { chargeId, ref, billedMinor, currency } = purchase;
  return (
    <Stage
      screen="account"
      reason="pay"
      title={t('purchases.payTitle')}
      lead={t('purchases.payLead')}
      foot={
        <Action
          testId="action-purchase"
          kind="secondary"
          onPress={() => intents.account({ do: 'purchase', chargeId })}
        >
          {t('purchases.back')}
          <Ring countdown={countdown} size={84} width={9} textClassName="text-[calc(var(--u)*34)] text-ink" />
        </Action>
      }
    >
      <figure className="mx-auto flex h-full flex-col items-center justify-center gap-28">
        <Qr
          text={payUrl}
          label={t('purchases.payLabel', { ref })}
          className="size-560 rounded-tile shadow-card"
        />
        <figcaption className="text-center leading-tight">
          <InCurrency currency={currency}>
            <Money amount={billedMinor} className="text-[calc(var(--tu)*72)] font-extrabold" />
          </InCurrency>
          <span className="tabular block text-label text-soft">
            {t('receipt.ref')} {ref}
          </span>
        </figcaption>
      </figure>
    </Stage>
  );
}

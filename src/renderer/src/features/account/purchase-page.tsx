import { useTranslation } from 'react-i18next';
import { isFreeBill } from '../../../../shared/model/charge-lines.ts';
import { type ToldMoney, toldMoneyOf } from '../../../../shared/model/told-money.ts';
import type { PurchaseDetail, PurchasesView, Refund } from '../../../../shared/model/purchase.schema.ts';
import type { Countdown, FormView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useMoney, useText } from '../../kiosk/context.ts';
import { formatDateTime, unbroken } from '../../../../shared/i18n/format.ts';
import { ActionButton, ButtonRow, QuietButton } from '../../ui/buttons.tsx';
import { FooterActions } from '../../ui/footer-actions.tsx';
import { InCurrency } from '../../ui/in-currency.tsx';
import { Money } from '../../ui/money.tsx';
import { Qr } from '../../ui/qr.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { DisputeForm } from '../receipt/dispute-form.tsx';
import { DisputeNote } from '../receipt/dispute.tsx';
import { ReceiptCard } from '../receipt/receipt-card.tsx';
import { StatusNote } from '../receipt/status-note.tsx';

interface PurchaseProps {
  readonly purchase: PurchaseDetail;
  /** A report that is being filled in. */
  readonly form: FormView | null;
  readonly countdown: Countdown;
}

/** One purchase: what, where, when; where the money is, why, who acts next; what the member can do about it. */
export function PurchasePage({ purchase, form, countdown }: PurchaseProps) {
  const { t } = useTranslation();
  const text = useText();
  const { intents, snapshot } = useKiosk();
  const { id, place } = snapshot.cabinet;
  const { chargeId, draft, cabinetId, here } = purchase;
  const told = toldMoneyOf(purchase);
  if (form?.chargeId === chargeId && purchase.mayDispute) {
    return (
      <InCurrency currency={purchase.currency}>
        <DisputeForm screen="account" bill={purchase} form={form} countdown={countdown} />
      </InCurrency>
    );
  }
  // What was begun in another visit goes on.
  const report = (): void => intents.fill(chargeId, draft);
  return (
    <InCurrency currency={purchase.currency}>
      <ScreenLayout
        screen="account"
        reason="purchase"
        title={t('purchases.detail')}
        lead={
          <>
            <StatusNote told={told} member="" isFree={isFreeBill(purchase.lines, purchase.totalMinor)} />
            <DisputeNote told={told} reference={purchase.ref} />
          </>
        }
        aside={<Next purchase={purchase} told={told} />}
        footer={<PurchaseFooter purchase={purchase} told={told} countdown={countdown} onReport={report} />}
      >
        <ReceiptCard
          receipt={purchase}
          told={told}
          place={
            here ? `${text(place)} · ${unbroken(id)}` : t('purchases.elsewhere', { id: unbroken(cabinetId) })
          }
        />
      </ScreenLayout>
    </InCurrency>
  );
}

/** How it was put right, if it had to be; who acts next, and when; whom to call where nothing can be reported here. In a place of its own: the note above is long enough. */
function Next({ purchase, told }: { purchase: PurchaseDetail; told: ToldMoney }) {
  const { t } = useTranslation();
  const { language, snapshot } = useKiosk();
  const money = useMoney();
  const { nextTryAtMs, mayDispute, ref, means = null, refund } = purchase;
  const { resolved, report, when } = told;
  // No button that leads nowhere: where no QR can be had, the member's own way to pay has a place for it.
  const payAt = told.status === 'collecting' && !told.mayPay ? means : null;
  const mayCall = report === null && !mayDispute;
  if (when === null && !mayCall && resolved === null && refund === undefined) return null;
  return (
    <div className="space-y-8 px-44 pt-24 text-small leading-snug landscape:px-0 landscape:pt-0">
      {resolved !== null && (
        // Where a note about the report says the end already, large text leaves its room to the goods.
        <p
          data-testid="purchase-resolved"
          className={`font-semibold ${report === null ? '' : 'big:landscape:hidden'}`}
        >
          {t('purchases.resolved', {
            by: t(`purchases.resolvedBy.${resolved.by}`),
            how: t(`purchases.resolvedHow.${resolved.how}`),
            time: formatDateTime(resolved.atMs, language),
          })}
        </p>
      )}
      {refund !== undefined && (
        <p data-testid="purchase-refund" className="font-semibold">
          {t(`purchases.refund.${refundWordsOf(refund)}`, {
            amount: money(refund.amountMinor).text,
            time: formatDateTime(refund.atMs, language),
          })}
        </p>
      )}
      {when !== null && (
        <p data-testid="purchase-next">
          <span className="font-semibold">{t(`purchases.next.${when}`)}</span>
          {nextTryAtMs !== null && told.status === 'collecting' && report === null && (
            <span className="tabular block text-soft big:landscape:hidden">
              {t('purchases.nextTry', { time: formatDateTime(nextTryAtMs, language) })}
            </span>
          )}
        </p>
      )}
      {payAt !== null && (
        <p data-testid="purchase-pay-at" className="text-ink">
          {t(`purchases.payAt.${payAt}`)}
        </p>
      )}
      {mayCall && (
        // In large text number and phone stand on the card alone, so that the goods have room.
        <p data-testid="purchase-call" className="text-soft big:landscape:hidden">
          {t('purchases.callUs', { phone: unbroken(snapshot.cabinet.servicePhone), ref })}
        </p>
      )}
    </div>
  );
}

/** Which words say how it goes back, and who does what is still to be done. */
function refundWordsOf({ stage, by }: Refund) {
  return stage === 'done' ? 'done' : by === undefined ? 'under_way' : (`under_way_${by}` as const);
}

interface FooterProps extends Omit<PurchaseProps, 'form'> {
  readonly told: ToldMoney;
  readonly onReport: () => void;
}

function PurchaseFooter({ purchase, told, countdown, onReport }: FooterProps) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { mayDispute, draft } = purchase;
  const { mayPay } = told;
  const toList = (): void => intents.account({ do: 'purchases' });
  const report = (
    <ActionButton testId="action-dispute" kind="secondary" onPress={onReport}>
      {t(draft.length > 0 ? 'dispute.goOn' : 'dispute.action')}
    </ActionButton>
  );
  const pay = (
    <ActionButton testId="action-pay" onPress={() => intents.account({ do: 'pay' })}>
      {t('purchases.pay')}
    </ActionButton>
  );
  if (mayPay && mayDispute) {
    const back = (
      <QuietButton testId="action-purchases" onPress={toList} countdown={countdown}>
        {t('purchases.back')}
      </QuietButton>
    );
    return (
      <FooterActions back={back}>
        {report}
        {pay}
      </FooterActions>
    );
  }
  const back = (
    <ActionButton testId="action-purchases" kind="secondary" onPress={toList} countdown={countdown}>
      {t('purchases.back')}
    </ActionButton>
  );
  if (!mayPay && !mayDispute) return back;
  return (
    <ButtonRow>
      {back}
      {mayPay ? pay : report}
    </ButtonRow>
  );
}

type PayView = Extract<PurchasesView, { phase: 'pay' }>;

/** The QR to pay one purchase with; main asks whether it is paid, and shows the purchase as soon as the operator says so. */
export function PayPage({ account, countdown }: { account: PayView; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { purchase, payUrl } = account;
  const { chargeId, ref, billedMinor, currency } = purchase;
  return (
    <ScreenLayout
      screen="account"
      reason="pay"
      title={t('purchases.payTitle')}
      lead={t(purchase.isOld ? 'purchases.payLeadUnanswered' : 'purchases.payLead')}
      footer={
        <ActionButton
          testId="action-purchase"
          kind="secondary"
          onPress={() => intents.account({ do: 'purchase', chargeId })}
          countdown={countdown}
        >
          {t('purchases.back')}
        </ActionButton>
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
    </ScreenLayout>
  );
}

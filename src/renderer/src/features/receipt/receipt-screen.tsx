import { useTranslation } from 'react-i18next';
import { isFreeBill } from '../../../../shared/model/charge-lines.ts';
import { toldMoneyOf } from '../../../../shared/model/told-money.ts';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useMoney, useText } from '../../kiosk/context.ts';
import { unbroken } from '../../../../shared/i18n/format.ts';
import { useTouch } from '../../kiosk/use-touch.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import { DisputeForm } from './dispute-form.tsx';
import { DisputeNote } from './dispute.tsx';
import { ReceiptCard } from './receipt-card.tsx';
import { StatusNote, statusStyles } from './status-note.tsx';

/** A touch is told to main at most so often, ms: main lets it count a bounded number of times. */
const holdEveryMs = 10_000;

/** What was bought, what happens with the money, and all that customer service would ask for. */
export function ReceiptScreen({ view }: { view: Extract<VisitView, { screen: 'receipt' }> }) {
  const { t } = useTranslation();
  const text = useText();
  const money = useMoney();
  const { intents, snapshot } = useKiosk();
  const { cabinet } = snapshot;
  const { receipt, form, countdown } = view;
  const told = toldMoneyOf({ ...receipt, billedMinor: receipt.billedMinor ?? receipt.totalMinor });
  const isFree = isFreeBill(receipt.lines, receipt.totalMinor);
  const look = statusStyles[told.status];
  const reported = told.report !== null;
  // A form says by itself that it is touched.
  useTouch(intents.holdReceipt, { everyMs: holdEveryMs, isHeard: form === null });
  if (form !== null && !reported) {
    return <DisputeForm screen="receipt" bill={receipt} form={form} countdown={countdown} />;
  }
  const finish = (
    <ActionButton testId="action-finish" onPress={intents.finish} countdown={countdown}>
      {t('receipt.finish')}
    </ActionButton>
  );
  const report = (): void => intents.fill(receipt.chargeId, []);
  return (
    <ScreenLayout
      screen="receipt"
      eyebrow={<StatusIcon tone={look.signTone} icon={look.sign} className="big:hidden" />}
      title={
        isFree
          ? t('receipt.freeTitle')
          : t(`receipt.status.${told.status}.title`, { amount: money(told.amountMinor).text })
      }
      lead={
        <>
          <StatusNote told={told} member={receipt.member} means={receipt.means} isFree={isFree} />
          {told.status === 'collecting' && !reported && (
            <p className="mt-16 text-label leading-snug text-ink">{t('receipt.payHow')}</p>
          )}
          <DisputeNote told={told} reference={receipt.ref} />
        </>
      }
      footer={
        receipt.lines.length === 0 || reported ? (
          finish
        ) : (
          <ButtonRow>
            <ActionButton testId="action-dispute" kind="secondary" onPress={report}>
              {t('dispute.action')}
            </ActionButton>
            {finish}
          </ButtonRow>
        )
      }
    >
      <ReceiptCard receipt={receipt} told={told} place={`${text(cabinet.place)} · ${unbroken(cabinet.id)}`} />
    </ScreenLayout>
  );
}

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk, useMoney, useText } from '../../kiosk/context.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import { DisputeForm } from './dispute-form.tsx';
import { DisputeNote } from './dispute.tsx';
import { ReceiptCard } from './receipt-card.tsx';
import { StatusNote, statusStyles } from './status-note.tsx';

/** What was bought, what happens with the money, and all that customer service would ask for. */
export function ReceiptScreen({ view }: { view: Extract<VisitView, { screen: 'receipt' }> }) {
  const { t } = useTranslation();
  const text = useText();
  const money = useMoney();
  const { intents, snapshot } = useKiosk();
  const { cabinet } = snapshot;
  const { receipt } = view;
  const look = statusStyles[receipt.status];
  const [reporting, setReporting] = useState(false);
  const reported = receipt.disputed.length > 0;
  if (reporting && !reported) {
    const { countdown } = view;
    return (
      <DisputeForm screen="receipt" bill={receipt} countdown={countdown} onBack={() => setReporting(false)} />
    );
  }
  const finish = (
    <ActionButton testId="action-finish" onPress={intents.finish} countdown={view.countdown}>
      {t('receipt.finish')}
    </ActionButton>
  );
  const report = (): void => {
    intents.holdReceipt();
    setReporting(true);
  };
  return (
    <ScreenLayout
      screen="receipt"
      eyebrow={<StatusIcon tone={look.signTone} icon={look.sign} className="big:hidden" />}
      title={t(`receipt.status.${receipt.status}.title`, { amount: money(receipt.totalMinor).text })}
      lead={
        <>
          <StatusNote receipt={receipt} quiet={reported} />
          {reported && <DisputeNote receipt={receipt} />}
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
      <ReceiptCard receipt={receipt} place={`${text(cabinet.place)} · ${cabinet.id}`} />
    </ScreenLayout>
  );
}

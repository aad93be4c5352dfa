import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Countdown, Receipt } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { DisputePanel } from './dispute.tsx';

interface DisputeFormProps {
  /** Of this screen it takes the place while the shopper marks what is wrong; main gives more time for it. */
  readonly screen: 'receipt' | 'account';
  readonly bill: Pick<Receipt, 'chargeId' | 'lines'>;
  readonly countdown: Countdown;
  readonly onBack: () => void;
}

/** "Report a problem": which of the billed lines are wrong. */
export function DisputeForm({ screen, bill, countdown, onBack }: DisputeFormProps) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const mark = (sku: string, wrong: boolean): void => {
    setMarked((before) => new Set([...[...before].filter((s) => s !== sku), ...(wrong ? [sku] : [])]));
  };
  return (
    <ScreenLayout
      screen={screen}
      title={t('dispute.title')}
      lead={t('dispute.lead')}
      footer={
        <ButtonRow>
          <ActionButton
            testId="action-dispute-back"
            kind="secondary"
            onPress={onBack}
            countdown={countdown}
            ringClassName="text-ink"
          >
            {t('dispute.back')}
          </ActionButton>
          <ActionButton
            testId="action-dispute-send"
            disabled={marked.size === 0}
            onPress={() => intents.dispute(bill.chargeId, [...marked])}
          >
            {t('dispute.send')}
          </ActionButton>
        </ButtonRow>
      }
    >
      <DisputePanel lines={bill.lines} marked={marked} onMark={mark} />
    </ScreenLayout>
  );
}

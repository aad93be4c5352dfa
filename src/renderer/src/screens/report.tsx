import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Countdown, Receipt } from '../../../shared/model/visit.ts';
import { Action, Actions } from '../components/action.tsx';
import { DisputePanel } from '../components/dispute.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { useKiosk } from '../kiosk/context.ts';

interface ReportProps {
  /** Of this screen it takes the place while the shopper marks what is wrong; main gives more time for it. */
  readonly screen: 'receipt' | 'account';
  readonly bill: Pick<Receipt, 'chargeId' | 'lines'>;
  readonly countdown: Countdown;
  readonly onBack: () => void;
}

/** "Report a problem": which of the billed lines are wrong. */
export function ReportScreen({ screen, bill, countdown, onBack }: ReportProps) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const mark = (sku: string, wrong: boolean): void => {
    setMarked((before) => new Set([...[...before].filter((s) => s !== sku), ...(wrong ? [sku] : [])]));
  };
  return (
    <Stage
      screen={screen}
      title={t('dispute.title')}
      lead={t('dispute.lead')}
      foot={
        <Actions>
          <Action testId="action-dispute-back" kind="secondary" onPress={onBack}>
            {t('dispute.back')}
            <Ring
              countdown={countdown}
              size={84}
              width={9}
              className="text-ink"
              textClassName="text-[calc(var(--u)*34)]"
            />
          </Action>
          <Action
            testId="action-dispute-send"
            disabled={marked.size === 0}
            onPress={() => intents.dispute(bill.chargeId, [...marked])}
          >
            {t('dispute.send')}
          </Action>
        </Actions>
      }
    >
      <DisputePanel lines={bill.lines} marked={marked} onMark={mark} />
    </Stage>
  );
}

import { BellRing } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Countdown, FormView, Receipt } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { useTouch } from '../../kiosk/use-touch.ts';
import { Banner } from '../../ui/banner.tsx';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { DisputePanel } from './dispute.tsx';

interface DisputeFormProps {
  /** Of this screen it takes the place while the shopper marks what is wrong. */
  readonly screen: 'receipt' | 'account';
  readonly bill: Pick<Receipt, 'chargeId' | 'lines'>;
  /** What main knows of it; what was marked before the page was loaded anew, or in another visit, is marked. */
  readonly form: FormView;
  readonly countdown: Countdown;
}

/** "Report a problem": which of the billed lines are wrong. Main keeps each mark and sees to it that a form left alone ends. */
export function DisputeForm({ screen, bill, form, countdown }: DisputeFormProps) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const [marked, setMarked] = useState<readonly string[]>(form.skus);
  const mark = (sku: string, wrong: boolean): void => {
    const next = [...marked.filter((s) => s !== sku), ...(wrong ? [sku] : [])];
    setMarked(next);
    intents.fill(bill.chargeId, next);
  };
  // Told after "back" or "send" it would open the form anew.
  useTouch(() => intents.fill(bill.chargeId, marked), { isLateTold: false });
  return (
    <ScreenLayout
      screen={screen}
      title={t('dispute.title')}
      lead={form.isWarned ? <AreYouThere isKept={marked.length > 0} /> : t('dispute.lead')}
      footer={
        <ButtonRow>
          <ActionButton
            testId="action-dispute-back"
            kind="secondary"
            onPress={intents.putAway}
            countdown={countdown}
            ringClassName="text-ink"
          >
            {t('dispute.back')}
          </ActionButton>
          <ActionButton
            testId="action-dispute-send"
            disabled={marked.length === 0}
            onPress={() => intents.dispute(bill.chargeId, marked)}
          >
            {t('dispute.send')}
          </ActionButton>
        </ButtonRow>
      }
    >
      <DisputePanel lines={bill.lines} marked={new Set(marked)} onMark={mark} />
    </ScreenLayout>
  );
}

/** Nobody has touched it for a minute: any touch goes on with it; what is marked is not lost otherwise. */
function AreYouThere({ isKept }: { isKept: boolean }) {
  const { t } = useTranslation();
  return (
    <div role="alert" data-testid="form-warning">
      <Banner tone="amber" icon={BellRing}>
        <b className="block">{t('dispute.still')}</b>
        {t(isKept ? 'dispute.stillKept' : 'dispute.stillEmpty')}
      </Banner>
    </div>
  );
}

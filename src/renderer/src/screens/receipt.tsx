import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action, Actions } from '../components/action.tsx';
import { Sign } from '../components/banner.tsx';
import { DisputeNote } from '../components/dispute.tsx';
import { Paper } from '../components/paper.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { StatusNote, statusLooks } from '../components/status-note.tsx';
import { useKiosk, useText } from '../kiosk/context.ts';
import { ReportScreen } from './report.tsx';

/** What was bought, what happens with the money, and all that customer service would ask for. */
export function ReceiptScreen({ view }: { view: Extract<VisitView, { screen: 'receipt' }> }) {
  const { t } = useTranslation();
  const text = useText();
  const { intents, snapshot } = useKiosk();
  const { cabinet } = snapshot;
  const { receipt } = view;
  const look = statusLooks[receipt.status];
  const [reporting, setReporting] = useState(false);
  const reported = receipt.disputed.length > 0;
  if (reporting && !reported) {
    const { countdown } = view;
    return (
      <ReportScreen
        screen="receipt"
        bill={receipt}
        countdown={countdown}
        onBack={() => setReporting(false)}
      />
    );
  }
  const finish = (
    <Action testId="action-finish" onPress={intents.finish}>
      {t('receipt.finish')}
      <Ring
        countdown={view.countdown}
        size={84}
        width={9}
        className="text-on-jade"
        textClassName="text-[calc(var(--u)*34)]"
      />
    </Action>
  );
  const report = (): void => {
    intents.holdReceipt();
    setReporting(true);
  };
  return (
    <Stage
      screen="receipt"
      eyebrow={
        <Sign
          tone={receipt.status === 'collecting' ? 'cinnabar' : 'jade'}
          icon={look.sign}
          className="big:hidden"
        />
      }
      title={t(`receipt.status.${receipt.status}.title`)}
      lead={
        <>
          <StatusNote status={receipt.status} reason={receipt.reason} quiet={reported} />
          {reported && <DisputeNote receipt={receipt} />}
        </>
      }
      foot={
        receipt.lines.length === 0 || reported ? (
          finish
        ) : (
          <Actions>
            <Action testId="action-dispute" kind="secondary" onPress={report}>
              {t('dispute.action')}
            </Action>
            {finish}
          </Actions>
        )
      }
    >
      <Paper receipt={receipt} place={`${text(cabinet.place)} · ${cabinet.id}`} />
    </Stage>
  );
}

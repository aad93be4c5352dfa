import { Check, DoorClosed } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action } from '../components/action.tsx';
import { Sign } from '../components/banner.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { ClosedCabinet } from '../drawings/closed-cabinet.tsx';
import { useKiosk } from '../kiosk/context.ts';

/** Nothing was taken or the door was never opened: it says so, and that is all. */
export function NothingChargedScreen({ view }: { view: Extract<VisitView, { screen: 'nothing_charged' }> }) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const fault = view.why === 'unlock_failed';
  return (
    <Stage
      screen="nothing_charged"
      eyebrow={<Sign tone={fault ? 'amber' : 'jade'} icon={fault ? DoorClosed : Check} />}
      title={t(`nothing.${view.why}.title`)}
      lead={t(`nothing.${view.why}.lead`, { phone: snapshot.cabinet.servicePhone })}
      foot={
        <Action testId="action-finish" onPress={intents.finish}>
          {t('nothing.finish')}
          <Ring
            countdown={view.countdown}
            size={84}
            width={9}
            className="text-on-jade"
            textClassName="text-[calc(var(--u)*34)]"
          />
        </Action>
      }
    >
      <ClosedCabinet />
    </Stage>
  );
}

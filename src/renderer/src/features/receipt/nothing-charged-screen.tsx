import { Check, DoorClosed } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';

/** Nothing was taken or the door was never opened: it says so, and that is all. */
export function NothingChargedScreen({ view }: { view: Extract<VisitView, { screen: 'nothing_charged' }> }) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const fault = view.why === 'unlock_failed';
  return (
    <ScreenLayout
      screen="nothing_charged"
      eyebrow={<StatusIcon tone={fault ? 'amber' : 'jade'} icon={fault ? DoorClosed : Check} />}
      title={t(`nothing.${view.why}.title`)}
      lead={t(`nothing.${view.why}.lead`, { phone: snapshot.cabinet.servicePhone })}
      footer={
        <ActionButton testId="action-finish" onPress={intents.finish} countdown={view.countdown}>
          {t('nothing.finish')}
        </ActionButton>
      }
    >
      <ClosedCabinet />
    </ScreenLayout>
  );
}

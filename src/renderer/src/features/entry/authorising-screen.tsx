import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { useCountdown } from '../../kiosk/use-countdown.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { WaitRing } from '../../ui/wait.tsx';

/** A wait with an end: a bar that fills, and other words when it takes longer. */
export function AuthorisingScreen({ view }: { view: Extract<VisitView, { screen: 'authorising' }> }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { over } = useCountdown(view.countdown);
  return (
    <ScreenLayout
      screen="authorising"
      title={t('authorising.title')}
      lead={over ? t('authorising.late') : t(`authorising.lead.${view.purpose}`)}
      footer={
        <ActionButton testId="action-cancel" kind="secondary" onPress={intents.cancel}>
          {t('authorising.cancel')}
        </ActionButton>
      }
    >
      <div className="grid h-full place-items-center">
        <WaitRing countdown={view.countdown}>
          <ShieldCheck className="size-200" strokeWidth={1.5} aria-hidden="true" />
        </WaitRing>
      </div>
    </ScreenLayout>
  );
}

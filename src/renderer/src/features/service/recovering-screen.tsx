import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import { SweepBar } from '../../ui/wait.tsx';

/** After a restart: calm, and clear that nothing is lost, where there is something to lose. */
export function RecoveringScreen({
  view: { hasVisit },
}: {
  view: Extract<VisitView, { screen: 'recovering' }>;
}) {
  const { t } = useTranslation();
  return (
    <ScreenLayout
      screen="recovering"
      eyebrow={<StatusIcon tone="jade" icon={RotateCw} />}
      title={t(hasVisit ? 'recovering.title' : 'service.words.starting.title')}
      lead={t(hasVisit ? 'recovering.lead' : 'service.words.starting.lead')}
      footer={
        <div className="flex min-h-152 flex-col justify-center gap-28 rounded-action bg-sunk px-48 py-28">
          <SweepBar seconds={1.4} />
          <p className="text-center text-label font-medium">{t('recovering.door')}</p>
        </div>
      }
    >
      <ClosedCabinet />
    </ScreenLayout>
  );
}

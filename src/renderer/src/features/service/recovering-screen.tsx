import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import { SweepBar } from '../../ui/wait.tsx';

/** After a restart: calm, and clear that nothing is lost. */
export function RecoveringScreen() {
  const { t } = useTranslation();
  return (
    <ScreenLayout
      screen="recovering"
      eyebrow={<StatusIcon tone="jade" icon={RotateCw} />}
      title={t('recovering.title')}
      lead={t('recovering.lead')}
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

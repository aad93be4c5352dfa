import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Sign } from '../components/banner.tsx';
import { Stage } from '../components/stage.tsx';
import { ClosedCabinet } from '../drawings/closed-cabinet.tsx';

/** After a restart: calm, and clear that nothing is lost. */
export function RecoveringScreen() {
  const { t } = useTranslation();
  return (
    <Stage
      screen="recovering"
      eyebrow={<Sign tone="jade" icon={RotateCw} />}
      title={t('recovering.title')}
      lead={t('recovering.lead')}
      foot={
        <div className="flex min-h-152 flex-col justify-center gap-28 rounded-action bg-sunk px-48 py-28">
          <span className="relative block h-14 overflow-hidden rounded-full bg-line" aria-hidden="true">
            <span
              className="absolute inset-y-0 left-0 w-1/3 rounded-full bg-jade"
              style={{ animation: 'sweep 1.4s ease-in-out infinite' }}
            />
          </span>
          <p className="text-center text-label font-medium">{t('recovering.door')}</p>
        </div>
      }
    >
      <ClosedCabinet />
    </Stage>
  );
}

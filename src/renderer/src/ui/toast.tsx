import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useKiosk } from '../kiosk/context.ts';

/** Says that a touch had no effect, and what to do. */
export function Toast() {
  const { t } = useTranslation();
  const { notice } = useKiosk();
  if (notice?.kind !== 'failed') return null;
  return (
    <div
      role="alert"
      className={
        'fixed top-160 left-1/2 flex -translate-x-1/2 items-center gap-24 rounded-card bg-ink ' +
        'px-44 py-30 text-label font-medium whitespace-nowrap text-paper shadow-card'
      }
    >
      <TriangleAlert className="size-44 shrink-0" aria-hidden="true" />
      {t('notice.failed')}
    </div>
  );
}

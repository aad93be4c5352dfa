import { QrCode, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AnsweredScan } from '../../../shared/model/visit.schema.ts';
import { useKiosk } from '../kiosk/context.ts';

/** Over whatever is on screen: a touch had no effect, or a scan led nowhere, and what to do. */
export function Toast() {
  const { t } = useTranslation();
  const { notice, snapshot } = useKiosk();
  if (notice?.kind !== 'failed' && notice?.kind !== 'stale' && notice?.kind !== 'scan') return null;
  // There a banner says it, above the list that has changed.
  if (notice.kind === 'stale' && snapshot.visit.screen === 'shopping') return null;
  // Refused once more: the screen says why already, and the sound and its time begin anew.
  if (notice.kind === 'scan' && snapshot.visit.screen === 'refused') return null;
  const Icon = notice.kind === 'scan' ? QrCode : TriangleAlert;
  return (
    <div
      role="alert"
      data-testid={`toast-${notice.kind}`}
      className={
        'pointer-events-none fixed top-160 left-1/2 z-10 flex w-max max-w-[92vw] -translate-x-1/2 items-center ' +
        'gap-24 rounded-card bg-ink px-44 py-30 text-label font-medium text-paper shadow-card'
      }
    >
      <Icon className="size-44 shrink-0" aria-hidden="true" />
      <p className="min-w-0 leading-snug text-balance">
        {notice.kind === 'scan' ? <ScanWords answer={notice.answer} /> : t(words[notice.kind])}
      </p>
    </div>
  );
}

const words = { failed: 'notice.failed', stale: 'notice.late' } as const;

function ScanWords({ answer: { why, reason } }: { answer: AnsweredScan }) {
  const { t } = useTranslation();
  const { faceOff } = useKiosk().snapshot;
  if (reason !== null) return t(`refused.words.${reason}.title`);
  if (why === 'account' && faceOff !== null) return t('scan.accountWithoutFaces');
  return t(`scan.${why}`);
}

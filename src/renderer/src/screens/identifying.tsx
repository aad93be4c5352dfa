import { Ruler, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action } from '../components/action.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { HoldPhone } from '../drawings/hold-phone.tsx';
import { useKiosk } from '../kiosk/context.ts';

/** Where to hold the phone, for how long, and the way back. */
export function IdentifyingScreen({ view }: { view: Extract<VisitView, { screen: 'identifying' }> }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <Stage
      screen="identifying"
      title={t('identifying.title')}
      lead={t('identifying.lead')}
      foot={
        <Action testId="action-cancel" kind="secondary" onPress={intents.cancel}>
          {t('identifying.cancel')}
          <Ring
            countdown={view.countdown}
            size={84}
            width={9}
            textClassName="text-[calc(var(--u)*34)] text-ink"
          />
        </Action>
      }
    >
      <div className="flex h-full flex-col items-center gap-36">
        <div className="relative min-h-0 w-full flex-1 rounded-card bg-linear-to-b from-jade-soft/70 to-paper p-40">
          <HoldPhone />
        </div>
        <ul className="flex flex-wrap justify-center gap-20">
          <Tip icon={<Sun className="size-40" aria-hidden="true" />}>{t('identifying.tipBright')}</Tip>
          <Tip icon={<Ruler className="size-40" aria-hidden="true" />}>{t('identifying.tipDistance')}</Tip>
        </ul>
      </div>
    </Stage>
  );
}

function Tip({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-16 rounded-full bg-sunk px-32 py-18 text-label text-ink">
      <span className="text-jade-ink">{icon}</span>
      {children}
    </li>
  );
}

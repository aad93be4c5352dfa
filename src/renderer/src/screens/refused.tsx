import {
  CircleAlert,
  Phone,
  QrCode,
  ScanFace,
  ServerCrash,
  Wallet,
  WifiOff,
  type LucideIcon,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type ReasonCause, causeOf } from '../../../shared/model/charge.ts';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action, Actions } from '../components/action.tsx';
import { HelpCard } from '../components/help-card.tsx';
import { Ring } from '../components/ring.tsx';
import { Stage } from '../components/stage.tsx';
import { Sign } from '../components/banner.tsx';
import { useKiosk } from '../kiosk/context.ts';

const icons: Readonly<Record<ReasonCause, LucideIcon>> = {
  network: WifiOff,
  system: ServerCrash,
  account: Wallet,
  recognition: ScanFace,
};

/** The plain reason, what helps, and the other way. */
export function RefusedScreen({ view }: { view: Extract<VisitView, { screen: 'refused' }> }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const isCode = view.reason.startsWith('account.code_');
  return (
    <Stage
      screen="refused"
      eyebrow={<Sign tone="amber" icon={isCode ? QrCode : icons[causeOf(view.reason)]} />}
      title={t(`refused.words.${view.reason}.title`)}
      lead={t(`refused.words.${view.reason}.remedy`)}
      foot={
        <Actions>
          <Action testId="action-cancel" kind="secondary" onPress={intents.cancel}>
            {t('refused.back')}
            <Ring
              countdown={view.countdown}
              size={84}
              width={9}
              textClassName="text-[calc(var(--u)*34)] text-ink"
            />
          </Action>
          <Action testId="action-choose-code" onPress={intents.chooseCode}>
            <QrCode className="size-56" aria-hidden="true" />
            {t('refused.again')}
          </Action>
        </Actions>
      }
    >
      <div className="flex h-full flex-col justify-end gap-28 landscape:justify-center">
        <p className="flex items-center gap-20 text-label font-medium text-soft">
          <CircleAlert className="size-44" aria-hidden="true" />
          {t('refused.eyebrow')} · {t('attract.free')}
        </p>
        <HelpCard icon={Phone} title={t('refused.otherWay')} />
      </div>
    </Stage>
  );
}

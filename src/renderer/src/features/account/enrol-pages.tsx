import { Cake, Clock, Cpu, DoorOpen, Lock, ShieldCheck, Store } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccountView } from '../../../../shared/model/face-view.schema.ts';
import type { Countdown } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { unbroken } from '../../../../shared/i18n/format.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import type { LivePicture } from '../face/camera/use-face-camera.ts';
import { LiveCircle } from '../face/live-circle.tsx';
import { NoticeList } from '../face/notice-list.tsx';
import { MenuButton } from './menu-button.tsx';

type EnrolView = Extract<AccountView, { phase: 'consent' | 'capture' | 'trial' }>;

/** What the face view draws of the account: from the consent to the face that is known. */
export function EnrolScreen({
  account,
  countdown,
  picture,
}: {
  account: EnrolView;
  countdown: Countdown;
  picture: LivePicture;
}) {
  return account.phase === 'consent' ? (
    <ConsentPage consentVersion={account.consentVersion} countdown={countdown} />
  ) : (
    <CapturePage account={account} countdown={countdown} picture={picture} />
  );
}

/** Consent of its own: nothing is ticked beforehand, and refusing is as big as agreeing. */
function ConsentPage({ consentVersion, countdown }: { consentVersion: string; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const { id, servicePhone: phone } = snapshot.cabinet;
  const [agreed, setAgreed] = useState(false);
  const [fourteenOrOlder, setFourteenOrOlder] = useState(false);
  const hintId = 'consent-hint';
  const rows = [
    { icon: Store, text: t('account.consent.who', { id: unbroken(id), phone: unbroken(phone) }) },
    { icon: DoorOpen, text: t('account.consent.purpose') },
    { icon: Cpu, text: t('account.consent.way') },
    { icon: Lock, text: t('account.consent.sensitive') },
    { icon: Clock, text: t('account.consent.retention') },
    { icon: ShieldCheck, text: t('account.consent.rights') },
    {
      icon: Cake,
      text: `${t('account.consent.age')} ${t('account.consent.version', { version: consentVersion })}`,
    },
  ];
  const agree = (): void => {
    if (!agreed || !fourteenOrOlder) return;
    intents.agree({ do: 'agree', consentVersion, agreed, fourteenOrOlder });
  };
  return (
    <ScreenLayout
      screen="account"
      reason="consent"
      title={t('account.consent.title')}
      lead={<p className="big:landscape:hidden">{t('account.consent.lead')}</p>}
      footer={
        <div className="flex flex-col gap-20">
          <Checkbox testId="tick-agree" ticked={agreed} onTick={setAgreed}>
            {t('account.consent.agreeTick')}
          </Checkbox>
          <Checkbox testId="tick-age" ticked={fourteenOrOlder} onTick={setFourteenOrOlder}>
            {t('account.consent.ageTick')}
          </Checkbox>
          <p id={hintId} className="text-center text-small text-soft big:landscape:hidden">
            {t('account.consent.hint')}
          </p>
          <ButtonRow>
            <MenuButton countdown={countdown}>{t('account.consent.refuse')}</MenuButton>
            <ActionButton
              testId="action-agree"
              kind="secondary"
              disabled={!agreed || !fourteenOrOlder}
              describedBy={hintId}
              onPress={agree}
            >
              {t('account.consent.agree')}
            </ActionButton>
          </ButtonRow>
        </div>
      }
    >
      <NoticeList rows={rows} label={t('account.consent.scroll')} testId="consent-notice" />
    </ScreenLayout>
  );
}

/** The looks that are taken, and the one that tries them. */
function CapturePage({
  account,
  countdown,
  picture,
}: {
  account: Exclude<EnrolView, { phase: 'consent' }>;
  countdown: Countdown;
  picture: LivePicture;
}) {
  const { t } = useTranslation();
  const taking = account.phase === 'capture';
  const progress = taking ? Math.min(account.takenCount / Math.max(account.wantedCount, 1), 1) : 0;
  return (
    <ScreenLayout
      screen="account"
      reason={account.phase}
      title={t(`face.guide.${account.guide}`)}
      titleClassName="text-display big:text-title"
      lead={t(taking ? 'account.capture.lead' : 'account.trial.lead')}
      footer={<MenuButton countdown={countdown}>{t('account.capture.cancel')}</MenuButton>}
    >
      <div className="flex h-full flex-col gap-36">
        <div className="min-h-0 flex-1">
          <LiveCircle picture={picture} guide={account.guide} progress={progress} />
        </div>
        {taking && <Dots taken={account.takenCount} wanted={account.wantedCount} />}
      </div>
    </ScreenLayout>
  );
}

function Dots({ taken, wanted }: { taken: number; wanted: number }) {
  const { t } = useTranslation();
  return (
    <p
      role="img"
      aria-label={t('account.capture.taken', { taken, wanted })}
      data-testid="capture-dots"
      className="flex justify-center gap-28"
    >
      {Array.from({ length: wanted }, (_, i) => (
        <span
          key={i}
          className={`size-44 rounded-full ${i < taken ? 'bg-jade' : 'bg-card ring-4 ring-line ring-inset'}`}
        />
      ))}
    </p>
  );
}

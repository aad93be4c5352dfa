import { Phone, QrCode, ScanFace, ServerCrash, Wallet, WifiOff, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ReasonCause, ReasonCode } from '../../../shared/model/charge.ts';
import type { VisitView } from '../../../shared/model/visit.ts';
import { Action, Actions } from '../components/action.tsx';
import { HelpCard } from '../components/help-card.tsx';
import { CancelAction } from '../components/leave.tsx';
import { Stage } from '../components/stage.tsx';
import { Sign } from '../components/banner.tsx';
import { ClosedCabinet } from '../drawings/closed-cabinet.tsx';
import { HoldPhone } from '../drawings/hold-phone.tsx';
import { PhonePay } from '../drawings/phone-pay.tsx';
import { useKiosk } from '../kiosk/context.ts';

const icons: Readonly<Record<ReasonCause, LucideIcon>> = {
  network: WifiOff,
  system: ServerCrash,
  account: Wallet,
  recognition: ScanFace,
};

/** As `causeOf` of the shared model, which would bring its schemas (and zod) into the page. */
function causeOfReason(reason: ReasonCode): ReasonCause {
  return reason.slice(0, reason.indexOf('.')) as ReasonCause;
}

/** The plain reason, what helps, and the other way. */
export function RefusedScreen({ view }: { view: Extract<VisitView, { screen: 'refused' }> }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const forAccount = view.purpose === 'account';
  const byFace = forAccount && !snapshot.online && snapshot.faceOff === null;
  const isCode = view.reason.startsWith('account.code_');
  return (
    <Stage
      screen="refused"
      reason={view.reason}
      eyebrow={<Sign tone="amber" icon={isCode ? QrCode : icons[causeOfReason(view.reason)]} />}
      title={t(`refused.words.${view.reason}.title`)}
      lead={t(byFace ? 'identifying.leadAccountOffline' : `refused.words.${view.reason}.remedy`)}
      foot={
        <Actions>
          <CancelAction countdown={view.countdown}>{t('refused.back')}</CancelAction>
          {forAccount ? (
            (snapshot.online || byFace) && <AccountAgain />
          ) : (
            <Action testId="action-choose-code" onPress={intents.chooseCode}>
              <QrCode className="size-56 landscape:hidden big:hidden" aria-hidden="true" />
              {t('refused.again')}
            </Action>
          )}
        </Actions>
      }
    >
      <div className="flex h-full flex-col gap-32">
        <div className="min-h-0 flex-1">
          <Picture reason={view.reason} />
        </div>
        <HelpCard icon={Phone} title={t('refused.otherWay')} />
      </div>
    </Stage>
  );
}

/** Once more to "my data", by what works now. */
function AccountAgain() {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const Icon = snapshot.online ? QrCode : ScanFace;
  return (
    <Action testId="action-choose-account" onPress={intents.chooseAccount}>
      <Icon className="size-56 landscape:hidden big:hidden" aria-hidden="true" />
      {t(snapshot.online ? 'refused.again' : 'account.byFace')}
    </Action>
  );
}

/** What the shopper has to look at: the code, the phone's payment page, or the door that stayed shut. */
function Picture({ reason }: { reason: ReasonCode }) {
  if (reason.startsWith('account.code_')) return <HoldPhone />;
  return causeOfReason(reason) === 'account' ? <PhonePay /> : <ClosedCabinet asleep />;
}

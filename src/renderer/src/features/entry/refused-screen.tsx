import {
  PackageSearch,
  Phone,
  QrCode,
  ScanFace,
  ServerCrash,
  Wallet,
  WifiOff,
  type LucideIcon,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import {
  type ReasonCause,
  type ReasonCode,
  causeOf,
  isCodeReason,
  scanAgainHelps,
} from '../../../../shared/model/charge.ts';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { type AccountEntryMethod, accountEntryMethod, mayOpen } from '../../kiosk/entry-methods.ts';
import { useTouch } from '../../kiosk/use-touch.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { HoldPhone } from '../../ui/drawings/hold-phone.tsx';
import { PhonePay } from '../../ui/drawings/phone-pay.tsx';
import { CancelButton } from '../../ui/footer-actions.tsx';
import { HelpCard } from '../../ui/help-card.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';

const icons: Readonly<Record<ReasonCause, LucideIcon>> = {
  network: WifiOff,
  system: ServerCrash,
  account: Wallet,
  recognition: PackageSearch,
};

/** Nobody who came by face has scanned anything yet. */
const isOfFace = (reason: ReasonCode): boolean =>
  reason === 'network.offline_face_list_old' || reason === 'account.face_not_enrolled';

/** The plain reason, what helps, and the other way. */
export function RefusedScreen({ view }: { view: Extract<VisitView, { screen: 'refused' }> }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  useTouch(intents.touched);
  const forAccount = view.purpose === 'account';
  const accountMethod = accountEntryMethod(snapshot);
  const byFace = forAccount && accountMethod === 'face';
  // Known to be offline, and not to open so: another scan would end the same.
  const helps = forAccount || (mayOpen(snapshot) && scanAgainHelps(view.reason));
  const icon = isCodeReason(view.reason) ? QrCode : icons[causeOf(view.reason)];
  return (
    <ScreenLayout
      screen="refused"
      reason={view.reason}
      eyebrow={<StatusIcon tone="amber" icon={icon} />}
      title={t(`refused.words.${view.reason}.title`)}
      lead={t(byFace ? 'identifying.leadAccountOffline' : `refused.words.${view.reason}.remedy`)}
      footer={
        <ButtonRow>
          <CancelButton countdown={view.countdown} kind={helps ? 'secondary' : 'primary'}>
            {t('refused.back')}
          </CancelButton>
          {forAccount ? (
            accountMethod !== null && <AccountAgain method={accountMethod} />
          ) : (
            <ActionButton
              testId="action-choose-code"
              kind={helps ? 'primary' : 'secondary'}
              onPress={intents.chooseCode}
            >
              <QrCode className="size-56 landscape:hidden big:hidden" aria-hidden="true" />
              {t(isOfFace(view.reason) ? 'attract.chooseCode' : 'refused.again')}
            </ActionButton>
          )}
        </ButtonRow>
      }
    >
      <div className="flex h-full flex-col gap-32">
        <div className="min-h-0 flex-1">
          <Picture reason={view.reason} />
        </div>
        <HelpCard icon={Phone} title={t('refused.otherWay')} />
      </div>
    </ScreenLayout>
  );
}

/** Once more to the account, by what works now. */
function AccountAgain({ method }: { method: AccountEntryMethod }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const Icon = method === 'code' ? QrCode : ScanFace;
  return (
    <ActionButton testId="action-choose-account" onPress={intents.chooseAccount}>
      <Icon className="size-56 landscape:hidden big:hidden" aria-hidden="true" />
      {t(method === 'code' ? 'refused.again' : 'account.byFace')}
    </ActionButton>
  );
}

/** What the shopper has to look at: the code, the phone's payment page where that helps, or the door that stayed shut. */
function Picture({ reason }: { reason: ReasonCode }) {
  if (isCodeReason(reason)) return <HoldPhone />;
  return causeOf(reason) === 'account' && scanAgainHelps(reason) ? <PhonePay /> : <ClosedCabinet asleep />;
}

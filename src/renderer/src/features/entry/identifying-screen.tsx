import { Phone, QrCode, Ruler, ScanFace, Sun, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CabinetCodeView } from '../../../../shared/model/cabinet-code.schema.ts';
import type { VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { accountEntryMethod, mayOpen } from '../../kiosk/entry-methods.ts';
import { useTouch } from '../../kiosk/use-touch.ts';
import { ActionButton, ButtonRow } from '../../ui/buttons.tsx';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { HoldPhone } from '../../ui/drawings/hold-phone.tsx';
import { CancelButton } from '../../ui/footer-actions.tsx';
import { HelpCard } from '../../ui/help-card.tsx';
import { Qr } from '../../ui/qr.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';

type IdentifyingView = Extract<VisitView, { screen: 'identifying' }>;

/** Two ways in, side by side: where to hold the phone, and the cabinet's own code; for how long, and the way back. */
export function IdentifyingScreen({ view }: { view: IdentifyingView }) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  useTouch(intents.touched);
  const isForAccount = view.purpose === 'account';
  // Nobody could tell of a scan of the cabinet's own code: it is not missed while the scanner opens the door.
  const isOwnAway = !snapshot.online && view.cabinetCode.state !== 'shown';
  const cabinetCode = isOwnAway ? ({ state: 'none' } as const) : view.cabinetCode;
  const both = cabinetCode.state === 'shown';
  const byFace = isForAccount && accountEntryMethod(snapshot) === 'face';
  if (isForAccount ? !snapshot.online : !mayOpen(snapshot)) return <Offline view={view} byFace={byFace} />;
  const words = wordsOf(view.purpose, both);
  return (
    <ScreenLayout
      screen="identifying"
      reason={view.purpose}
      title={t(words.title)}
      lead={t(words.lead)}
      footer={
        <ButtonRow>
          <CancelButton countdown={view.countdown}>{t('identifying.cancel')}</CancelButton>
        </ButtonRow>
      }
    >
      <div className="flex h-full flex-col items-center gap-36">
        <div className="grid min-h-0 w-full flex-1 auto-cols-fr grid-flow-col gap-28">
          <EntryMethod words={cabinetCode.state === 'none' ? null : t('identifying.scanner')}>
            <HoldPhone />
          </EntryMethod>
          {cabinetCode.state !== 'none' && <OwnCode code={cabinetCode} />}
        </div>
        <ul className="flex flex-wrap justify-center gap-20">
          <Tip icon={<Sun className="size-40" aria-hidden="true" />}>{t('identifying.tipBright')}</Tip>
          <Tip icon={<Ruler className="size-40" aria-hidden="true" />}>{t('identifying.tipDistance')}</Tip>
        </ul>
      </div>
    </ScreenLayout>
  );
}

/**
 * Nobody can say whose a code is: none is asked for. What works instead is the primary, and this screen becomes the usual
 * one by itself as soon as the network is back.
 */
function Offline({ view, byFace }: { view: IdentifyingView; byFace: boolean }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <ScreenLayout
      screen="identifying"
      reason={`${view.purpose}-offline`}
      eyebrow={<StatusIcon tone="amber" icon={WifiOff} />}
      title={t('identifying.offlineTitle')}
      lead={t(byFace ? 'identifying.leadAccountOffline' : 'identifying.offlineLead')}
      footer={
        <ButtonRow>
          <CancelButton countdown={view.countdown} kind={byFace ? 'secondary' : 'primary'}>
            {t('refused.back')}
          </CancelButton>
          {byFace && (
            <ActionButton testId="action-choose-account" onPress={intents.chooseAccount}>
              <ScanFace className="size-56 shrink-0 landscape:hidden big:hidden" aria-hidden="true" />
              {t('account.byFace')}
            </ActionButton>
          )}
        </ButtonRow>
      }
    >
      <div className="flex h-full flex-col gap-32">
        <div className="min-h-0 flex-1">
          <ClosedCabinet asleep />
        </div>
        <HelpCard icon={Phone} title={t('refused.otherWay')} />
      </div>
    </ScreenLayout>
  );
}

/** For the account the door stays shut, and nothing here says otherwise. */
function wordsOf(purpose: IdentifyingView['purpose'], both: boolean) {
  if (purpose === 'account') {
    return { title: 'identifying.titleAccount', lead: 'identifying.leadAccount' } as const;
  }
  return both
    ? ({ title: 'identifying.titleBoth', lead: 'identifying.leadBoth' } as const)
    : ({ title: 'identifying.title', lead: 'identifying.lead' } as const);
}

/** One way in: its picture, and below it what to do. */
function EntryMethod({ words, children }: { words: string | null; children: ReactNode }) {
  return (
    <figure
      className={
        'flex min-h-0 min-w-0 flex-col rounded-card bg-linear-to-b from-jade-soft/70 to-paper ' +
        'p-36 portrait:justify-center'
      }
    >
      <div
        className={
          'flex min-h-0 items-center justify-center ' +
          (words === null ? 'flex-1' : 'landscape:flex-1 portrait:aspect-[4/5]')
        }
      >
        {children}
      </div>
      {words !== null && (
        <figcaption className="mt-28 min-h-[2.75em] text-center text-label leading-snug font-semibold text-balance">
          {words}
        </figcaption>
      )}
    </figure>
  );
}

/** The QR as main has made it; without a network it is not shown as if it worked. */
function OwnCode({ code }: { code: Exclude<CabinetCodeView, { state: 'none' }> }) {
  const { t } = useTranslation();
  const { snapshot } = useKiosk();
  if (code.state === 'shown')
    return (
      <EntryMethod words={t('identifying.ownCode')}>
        <div data-testid="cabinet-code" className="w-full">
          <Qr
            text={code.text}
            label={t('identifying.ownCodeLabel', { id: snapshot.cabinet.id })}
            className="mx-auto aspect-square max-h-full w-full rounded-tile shadow-card"
          />
        </div>
      </EntryMethod>
    );
  return (
    <div
      data-testid="cabinet-code-away"
      role="status"
      className={
        'flex min-h-0 min-w-0 flex-col items-center justify-center gap-36 rounded-card border-3 ' +
        'border-dashed border-line p-36 text-center text-soft'
      }
    >
      <QrCode className="size-160 opacity-45" strokeWidth={1.6} aria-hidden="true" />
      <p className="text-label leading-snug text-balance">{t('identifying.ownCodeAway')}</p>
    </div>
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

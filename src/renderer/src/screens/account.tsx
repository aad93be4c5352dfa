import { Check, CircleHelp, FileClock, ScanFace, TriangleAlert, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AccountView } from '../../../shared/model/face-view.ts';
import type { Countdown, VisitView } from '../../../shared/model/visit.ts';
import { useFaceCamera } from '../camera/use-face-camera.ts';
import { Action, Actions, QuietAction } from '../components/action.tsx';
import { Sign } from '../components/banner.tsx';
import { BackToMenu, CancelAction } from '../components/leave.tsx';
import { Stage } from '../components/stage.tsx';
import { ClosedCabinet } from '../drawings/closed-cabinet.tsx';
import { FaceOutline } from '../drawings/face-outline.tsx';
import { useKiosk } from '../kiosk/context.ts';
import { formatDateTime, unbroken } from '../kiosk/format.ts';
import { CaptureScreen, ConsentScreen } from './account-enrol.tsx';
import { RecordsScreen } from './account-records.tsx';
import { PayScreen, PurchaseScreen } from './purchase.tsx';
import { PurchasesScreen } from './purchases.tsx';

type ViewOfAccount = Extract<VisitView, { screen: 'account' }>;
type PhaseOf<P extends AccountView['phase']> = Extract<AccountView, { phase: P }>;

/** "My data": what is kept of the member here, and how to end it. The door stays shut all the time. */
export function AccountScreen({ view }: { view: ViewOfAccount }) {
  const { account, countdown } = view;
  const looks = account.phase === 'capture' || account.phase === 'trial';
  const picture = useFaceCamera(looks ? account.camera : null, looks || account.phase === 'consent');
  switch (account.phase) {
    case 'menu':
      return <Menu account={account} view={view} />;
    case 'consent':
      return <ConsentScreen consentVersion={account.consentVersion} countdown={countdown} />;
    case 'capture':
    case 'trial':
      return <CaptureScreen account={account} countdown={countdown} picture={picture} />;
    case 'enrolled':
      return <Done phase="enrolled" countdown={countdown} />;
    case 'enrol_ended':
      return <EnrolEnded account={account} countdown={countdown} />;
    case 'withdraw':
      return <Withdraw countdown={countdown} />;
    case 'withdrawn':
      return <Done phase="withdrawn" countdown={countdown} />;
    case 'withdraw_failed':
      return <WithdrawFailed countdown={countdown} />;
    case 'records':
      return <RecordsScreen account={account} countdown={countdown} />;
    case 'purchases':
      return <PurchasesScreen account={account} countdown={countdown} />;
    case 'purchase':
      return (
        <PurchaseScreen key={account.purchase.chargeId} purchase={account.purchase} countdown={countdown} />
      );
    case 'pay':
      return <PayScreen account={account} countdown={countdown} />;
  }
}

function Menu({ account, view }: { account: PhaseOf<'menu'>; view: ViewOfAccount }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const { face, recordCount } = account;
  const { by, member, countdown } = view;
  // Whom the face alone has told may not give another one.
  const mayEnrol = by === 'code' && snapshot.faceOff === null;
  const none = by === 'face' ? 'noneByFace' : mayEnrol ? 'none' : 'off';
  const done = <CancelAction countdown={countdown}>{t('account.menu.done')}</CancelAction>;
  return (
    <Stage
      screen="account"
      reason="menu"
      title={t('account.menu.title')}
      lead={by === 'face' ? t('account.menu.leadByFace') : t('account.menu.lead', { member })}
      foot={
        // Whom only the face has told, the operator tells no purchases.
        by === 'face' ? (
          done
        ) : (
          <Actions>
            {done}
            <Action testId="action-purchases" onPress={() => intents.account({ do: 'purchases' })}>
              {t('purchases.open')}
            </Action>
          </Actions>
        )
      }
    >
      <div className="flex h-full flex-col gap-36">
        <section className="scroll min-h-0 rounded-card bg-card p-44 shadow-card ring-2 ring-line ring-inset">
          <div className="flex items-center gap-28">
            <span className="grid size-96 shrink-0 place-items-center rounded-full bg-jade-soft text-jade-ink">
              <ScanFace className="size-56" aria-hidden="true" />
            </span>
            <h2 className="text-heading leading-tight font-bold">{t('account.menu.face')}</h2>
          </div>
          {face === null ? (
            <p className="mt-28 text-body leading-snug text-soft">{t(`account.menu.${none}`)}</p>
          ) : (
            <FaceFacts face={face} />
          )}
          <div className="mt-40">
            {face !== null ? (
              <Action
                testId="action-withdraw"
                kind="secondary"
                onPress={() => intents.account({ do: 'withdraw' })}
              >
                {t('account.menu.withdraw')}
              </Action>
            ) : (
              mayEnrol && (
                <Action
                  testId="action-enrol"
                  kind="secondary"
                  onPress={() => intents.account({ do: 'enrol' })}
                >
                  {t('account.menu.enrol')}
                </Action>
              )
            )}
          </div>
        </section>
        {(recordCount > 0 || snapshot.faceOff === null) && (
          <div className="flex shrink-0 justify-center">
            <QuietAction testId="action-records" onPress={() => intents.account({ do: 'records' })}>
              <FileClock className="size-44" aria-hidden="true" />
              {t('account.menu.records', { count: recordCount })}
            </QuietAction>
          </div>
        )}
      </div>
    </Stage>
  );
}

function FaceFacts({ face }: { face: NonNullable<PhaseOf<'menu'>['face']> }) {
  const { t } = useTranslation();
  const { language } = useKiosk();
  const facts = [
    [t('account.menu.since'), formatDateTime(face.enrolledAtMs, language)],
    [
      t('account.menu.used'),
      face.lastUsedAtMs === null ? t('account.menu.neverUsed') : formatDateTime(face.lastUsedAtMs, language),
    ],
    [t('account.menu.expires'), formatDateTime(face.expiresAtMs, language)],
    [t('account.menu.version'), face.consentVersion],
  ];
  return (
    <dl className="mt-36 grid grid-cols-[auto_1fr] gap-x-36 gap-y-18 text-label leading-snug">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="tabular font-semibold">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function EnrolEnded({ account, countdown }: { account: PhaseOf<'enrol_ended'>; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { why } = account;
  return (
    <Stage
      screen="account"
      reason={why}
      eyebrow={<Sign tone="amber" icon={UserRound} />}
      title={t(`account.ended.words.${why}.title`)}
      lead={t(`account.ended.words.${why}.lead`)}
      foot={
        <Actions>
          <BackToMenu countdown={countdown}>{t('account.ended.menu')}</BackToMenu>
          {why !== 'already_enrolled' && why !== 'full' && (
            <Action testId="action-enrol" kind="secondary" onPress={() => intents.account({ do: 'enrol' })}>
              {t('account.ended.again')}
            </Action>
          )}
        </Actions>
      }
    >
      <Circle />
    </Stage>
  );
}

function Withdraw({ countdown }: { countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <Stage
      screen="account"
      reason="withdraw"
      eyebrow={<Sign tone="amber" icon={CircleHelp} />}
      title={t('account.withdraw.title')}
      lead={t('account.withdraw.lead')}
      foot={
        <Actions>
          <BackToMenu countdown={countdown}>{t('account.withdraw.no')}</BackToMenu>
          <Action
            testId="action-confirm-withdraw"
            kind="secondary"
            onPress={() => intents.account({ do: 'confirmWithdraw' })}
          >
            {t('account.withdraw.yes')}
          </Action>
        </Actions>
      }
    >
      <Circle />
    </Stage>
  );
}

function WithdrawFailed({ countdown }: { countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const { id, servicePhone: phone } = snapshot.cabinet;
  return (
    <Stage
      screen="account"
      reason="withdraw_failed"
      eyebrow={<Sign tone="cinnabar" icon={TriangleAlert} />}
      title={t('account.withdrawFailed.title')}
      lead={t('account.withdrawFailed.lead', { id: unbroken(id), phone: unbroken(phone) })}
      foot={
        <Actions>
          <BackToMenu countdown={countdown}>{t('account.back')}</BackToMenu>
          <Action testId="action-confirm-withdraw" onPress={() => intents.account({ do: 'confirmWithdraw' })}>
            {t('account.withdrawFailed.again')}
          </Action>
        </Actions>
      }
    >
      <Circle />
    </Stage>
  );
}

/** It worked: enrolled, or deleted. */
function Done({ phase, countdown }: { phase: 'enrolled' | 'withdrawn'; countdown: Countdown }) {
  const { t } = useTranslation();
  return (
    <Stage
      screen="account"
      reason={phase}
      eyebrow={<Sign tone="jade" icon={Check} />}
      title={t(`account.${phase}.title`)}
      lead={t(`account.${phase}.lead`)}
      foot={
        <Actions>
          <BackToMenu countdown={null}>{t('account.back')}</BackToMenu>
          <CancelAction countdown={countdown}>{t('account.menu.done')}</CancelAction>
        </Actions>
      }
    >
      {phase === 'enrolled' ? <Circle /> : <ClosedCabinet />}
    </Stage>
  );
}

function Circle() {
  return (
    <div className="grid h-full place-items-center [container-type:size]">
      <span className="size-[min(80cqw,90cqh)] overflow-hidden rounded-full">
        <FaceOutline />
      </span>
    </div>
  );
}

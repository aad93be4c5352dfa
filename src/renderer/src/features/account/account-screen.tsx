import { Check, CircleHelp, FileClock, ScanFace, TriangleAlert, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AccountView, EnrolEnd } from '../../../../shared/model/face-view.schema.ts';
import type { Countdown, VisitView } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { formatDateTime, unbroken } from '../../../../shared/i18n/format.ts';
import { useTouch } from '../../kiosk/use-touch.ts';
import { ActionButton, ButtonRow, QuietButton } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { ClosedCabinet } from '../../ui/drawings/closed-cabinet.tsx';
import { FaceOutline } from '../../ui/drawings/face-outline.tsx';
import { CancelButton } from '../../ui/footer-actions.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { StatusIcon } from '../../ui/status-icon.tsx';
import { FaceCovered } from '../face/face-covered.tsx';
import { MenuButton } from './menu-button.tsx';
import { PayPage, PurchasePage } from './purchase-page.tsx';
import { PurchasesPage } from './purchases-page.tsx';
import { RecordsPage } from './records-page.tsx';

type ViewOfAccount = Extract<VisitView, { screen: 'account' }>;
type PhaseOf<P extends AccountView['phase']> = Extract<AccountView, { phase: P }>;

/** The account ("我的"): what is stored of the member here, and how to end it. The door stays shut all the time. */
export function AccountScreen({ view }: { view: ViewOfAccount }) {
  const { account, form, countdown } = view;
  const { intents } = useKiosk();
  // A form says by itself that it is touched.
  useTouch(intents.touched, { isHeard: form === null });
  switch (account.phase) {
    case 'menu':
      return <Menu account={account} view={view} />;
    case 'consent':
    case 'capture':
    case 'trial':
      return <FaceCovered countdown={countdown} codeOffered={false} />;
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
      return <RecordsPage account={account} countdown={countdown} />;
    case 'purchases':
      return <PurchasesPage account={account} countdown={countdown} />;
    case 'purchase':
      return (
        <PurchasePage
          key={account.purchase.chargeId}
          purchase={account.purchase}
          form={form}
          countdown={countdown}
        />
      );
    case 'pay':
      return <PayPage account={account} countdown={countdown} />;
  }
}

function Menu({ account, view }: { account: PhaseOf<'menu'>; view: ViewOfAccount }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const { face, recordCount } = account;
  const { by, member, countdown } = view;
  // A member known by face only may not enrol another face.
  const mayEnrol = by === 'code' && snapshot.faceOff === null;
  const none = by === 'face' ? 'noneByFace' : mayEnrol ? 'none' : 'off';
  const done = <CancelButton countdown={countdown}>{t('account.menu.done')}</CancelButton>;
  return (
    <ScreenLayout
      screen="account"
      reason="menu"
      title={t('account.menu.title')}
      lead={by === 'face' ? t('account.menu.leadByFace') : t('account.menu.lead', { member })}
      footer={
        // For a member known by face only, the operator is not asked for purchases.
        by === 'face' ? (
          done
        ) : (
          <ButtonRow>
            {done}
            <ActionButton testId="action-purchases" onPress={() => intents.account({ do: 'purchases' })}>
              {t('purchases.open')}
            </ActionButton>
          </ButtonRow>
        )
      }
    >
      <div className="flex h-full flex-col gap-36">
        <Card as="section" className="scroll min-h-0 p-44">
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
              <ActionButton
                testId="action-withdraw"
                kind="secondary"
                onPress={() => intents.account({ do: 'withdraw' })}
              >
                {t('account.menu.withdraw')}
              </ActionButton>
            ) : (
              mayEnrol && (
                <ActionButton
                  testId="action-enrol"
                  kind="secondary"
                  onPress={() => intents.account({ do: 'enrol' })}
                >
                  {t('account.menu.enrol')}
                </ActionButton>
              )
            )}
          </div>
        </Card>
        {(recordCount > 0 || snapshot.faceOff === null) && (
          <div className="flex shrink-0 justify-center">
            <QuietButton testId="action-records" onPress={() => intents.account({ do: 'records' })}>
              <FileClock className="size-44" aria-hidden="true" />
              {t('account.menu.records', { count: recordCount })}
            </QuietButton>
          </div>
        )}
      </div>
    </ScreenLayout>
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

/** Another try would end the same: it needs a new code first, or something else. */
const endsWithoutAgain: readonly EnrolEnd[] = [
  'already_enrolled',
  'full',
  'needs_code',
  'offline',
  'refused',
];

function EnrolEnded({ account, countdown }: { account: PhaseOf<'enrol_ended'>; countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  const { why } = account;
  return (
    <ScreenLayout
      screen="account"
      reason={why}
      eyebrow={<StatusIcon tone="amber" icon={UserRound} />}
      title={t(`account.ended.words.${why}.title`)}
      lead={t(`account.ended.words.${why}.lead`)}
      footer={
        <ButtonRow>
          <MenuButton countdown={countdown}>{t('account.ended.menu')}</MenuButton>
          {!endsWithoutAgain.includes(why) && (
            <ActionButton
              testId="action-enrol"
              kind="secondary"
              onPress={() => intents.account({ do: 'enrol' })}
            >
              {t('account.ended.again')}
            </ActionButton>
          )}
        </ButtonRow>
      }
    >
      <Circle />
    </ScreenLayout>
  );
}

function Withdraw({ countdown }: { countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents } = useKiosk();
  return (
    <ScreenLayout
      screen="account"
      reason="withdraw"
      eyebrow={<StatusIcon tone="amber" icon={CircleHelp} />}
      title={t('account.withdraw.title')}
      lead={t('account.withdraw.lead')}
      footer={
        <ButtonRow>
          <MenuButton countdown={countdown}>{t('account.withdraw.no')}</MenuButton>
          <ActionButton
            testId="action-confirm-withdraw"
            kind="secondary"
            onPress={() => intents.account({ do: 'confirmWithdraw' })}
          >
            {t('account.withdraw.yes')}
          </ActionButton>
        </ButtonRow>
      }
    >
      <Circle />
    </ScreenLayout>
  );
}

function WithdrawFailed({ countdown }: { countdown: Countdown }) {
  const { t } = useTranslation();
  const { intents, snapshot } = useKiosk();
  const { id, servicePhone: phone } = snapshot.cabinet;
  return (
    <ScreenLayout
      screen="account"
      reason="withdraw_failed"
      eyebrow={<StatusIcon tone="cinnabar" icon={TriangleAlert} />}
      title={t('account.withdrawFailed.title')}
      lead={t('account.withdrawFailed.lead', { id: unbroken(id), phone: unbroken(phone) })}
      footer={
        <ButtonRow>
          <MenuButton countdown={countdown}>{t('account.back')}</MenuButton>
          <ActionButton
            testId="action-confirm-withdraw"
            onPress={() => intents.account({ do: 'confirmWithdraw' })}
          >
            {t('account.withdrawFailed.again')}
          </ActionButton>
        </ButtonRow>
      }
    >
      <Circle />
    </ScreenLayout>
  );
}

/** It worked: enrolled, or deleted. */
function Done({ phase, countdown }: { phase: 'enrolled' | 'withdrawn'; countdown: Countdown }) {
  const { t } = useTranslation();
  return (
    <ScreenLayout
      screen="account"
      reason={phase}
      eyebrow={<StatusIcon tone="jade" icon={Check} />}
      title={t(`account.${phase}.title`)}
      lead={t(`account.${phase}.lead`)}
      footer={
        <ButtonRow>
          <MenuButton>{t('account.back')}</MenuButton>
          <CancelButton countdown={countdown}>{t('account.menu.done')}</CancelButton>
        </ButtonRow>
      }
    >
      {phase === 'enrolled' ? <Circle /> : <ClosedCabinet />}
    </ScreenLayout>
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

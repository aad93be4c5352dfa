import { ChevronRight, QrCode, ScanFace, UserRound, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useKiosk } from '../../kiosk/context.ts';
import { accountEntryMethod, mayOpen } from '../../kiosk/entry-methods.ts';
import { unbroken } from '../../../../shared/i18n/format.ts';
import { Banner } from '../../ui/banner.tsx';
import { ActionButton, ButtonRow, QuietButton } from '../../ui/buttons.tsx';
import { StepClose, StepScan, StepTake } from '../../ui/drawings/steps.tsx';
import { InCurrency } from '../../ui/in-currency.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { PromotionsBanner } from './promotions-banner.tsx';
import { CabinetShelves } from './cabinet-shelves.tsx';

/** What is inside and what it costs, how it works, and the way in. */
export function AttractScreen() {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const { cabinet, products, currency, promotions, faceOff, offlineBlock } = snapshot;
  const opens = mayOpen(snapshot);
  // Beside the buttons, on a wide screen, stands either how it works or what there is to know now.
  const isRoomy = opens && promotions.length === 0;
  const offlineId = 'attract-offline';
  return (
    <ScreenLayout
      screen="attract"
      // Nobody is called to come in where nobody can.
      title={t(opens ? 'attract.title' : 'attract.offlineTitle')}
      titleClassName={opens ? 'text-display big:text-title' : 'text-title [word-break:keep-all]'}
      lead={
        <>
          <p className={isRoomy ? 'big:landscape:hidden' : 'landscape:hidden'}>{t('attract.lead')}</p>
          <div className={isRoomy ? '' : 'landscape:hidden'}>
            <Steps />
          </div>
        </>
      }
      footer={
        <div className="flex flex-col gap-24">
          {!opens && (
            <div id={offlineId}>
              <Banner tone="amber" icon={WifiOff}>
                {t(
                  offlineBlock === 'network.offline_cabinet_cap'
                    ? 'attract.offlineFull'
                    : 'attract.offlineLead',
                )}
                {faceOff === null && (
                  <span className="block landscape:hidden">{t('attract.offlineFace')}</span>
                )}
              </Banner>
            </div>
          )}
          {opens && currency !== null && (
            <InCurrency currency={currency}>
              <PromotionsBanner />
            </InCurrency>
          )}
          <EntryButtons describedBy={opens ? null : offlineId} />
          <div className="flex items-center gap-28">
            <p
              className={
                'min-w-0 flex-1 overflow-hidden text-fine leading-snug text-soft ' +
                'big:text-[calc(var(--tu)*26)]'
              }
            >
              <span className="dotted-row">
                <span className="whitespace-nowrap">{t('attract.cabinet', { id: cabinet.id })}</span>
                <span>{t('attract.phone', { phone: unbroken(cabinet.servicePhone) })}</span>
                <span className="big:landscape:hidden">{t('attract.free')}</span>
              </span>
            </p>
            <QuietButton
              testId="action-choose-account"
              onPress={intents.chooseAccount}
              disabled={accountEntryMethod(snapshot) === null}
            >
              <UserRound className="size-40" aria-hidden="true" />
              {t('account.open')}
            </QuietButton>
          </div>
        </div>
      }
    >
      <CabinetShelves products={products} />
    </ScreenLayout>
  );
}

/** Two buttons of the same size and look: neither way in is the better one. `describedBy`: why they lead nowhere now. */
function EntryButtons({ describedBy }: { describedBy: string | null }) {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const why = describedBy === null ? {} : { disabled: true, describedBy };
  const code = (
    <ActionButton testId="action-choose-code" onPress={intents.chooseCode} {...why}>
      <QrCode className="size-60 shrink-0 landscape:hidden" aria-hidden="true" />
      {t('attract.chooseCode')}
    </ActionButton>
  );
  if (snapshot.faceOff !== null) return code;
  return (
    <ButtonRow>
      <ActionButton testId="action-choose-face" onPress={intents.chooseFace} {...why}>
        <ScanFace className="size-60 shrink-0 landscape:hidden" aria-hidden="true" />
        {t('attract.chooseFace')}
      </ActionButton>
      {code}
    </ButtonRow>
  );
}

function Steps() {
  const { t } = useTranslation();
  const { faceOff } = useKiosk().snapshot;
  return (
    <ol className="mt-36 grid grid-cols-[1fr_auto_1fr_auto_1fr] items-center gap-12 landscape:mt-20">
      <Step picture={<StepScan />}>{t(faceOff === null ? 'attract.stepEither' : 'attract.stepScan')}</Step>
      <StepArrow />
      <Step picture={<StepTake />}>{t('attract.stepTake')}</Step>
      <StepArrow />
      <Step picture={<StepClose />}>{t('attract.stepClose')}</Step>
    </ol>
  );
}

function Step({ picture, children }: { picture: ReactNode; children: ReactNode }) {
  return (
    <li
      className={
        'flex items-center gap-18 landscape:flex-col landscape:gap-14 big:portrait:flex-col ' +
        'big:portrait:gap-10'
      }
    >
      <span className="block h-92 w-116 shrink-0 landscape:h-104 landscape:w-132">{picture}</span>
      <span
        className={
          'text-[calc(var(--tu)*31)] leading-tight font-semibold text-ink landscape:text-center ' +
          'big:text-center big:text-[calc(var(--tu)*28)]'
        }
      >
        {children}
      </span>
    </li>
  );
}

function StepArrow() {
  return (
    <li aria-hidden="true" className="text-soft/60">
      <ChevronRight className="size-36" />
    </li>
  );
}

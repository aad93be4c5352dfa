import { ChevronRight, QrCode, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Action } from '../components/action.tsx';
import { Banner } from '../components/banner.tsx';
import { Cabinet } from '../components/cabinet.tsx';
import { Stage } from '../components/stage.tsx';
import { StepClose, StepScan, StepTake } from '../drawings/steps.tsx';
import { useKiosk } from '../kiosk/context.ts';

/** What is inside and what it costs, how it works, and the way in. */
export function AttractScreen() {
  const { t } = useTranslation();
  const { snapshot, intents } = useKiosk();
  const { cabinet, online, products } = snapshot;
  const offlineId = 'attract-offline';
  return (
    <Stage
      screen="attract"
      title={t('attract.title')}
      titleClassName="text-display big:text-title"
      lead={
        <>
          <p className="big:landscape:hidden">{t('attract.lead')}</p>
          <div className={online ? '' : 'landscape:hidden'}>
            <Steps />
          </div>
        </>
      }
      foot={
        <div className="flex flex-col gap-24">
          {!online && (
            <div id={offlineId}>
              <Banner tone="amber" icon={WifiOff}>
                <b className="block font-bold">{t('attract.offlineTitle')}</b>
                {t('attract.offlineLead')}
              </Banner>
            </div>
          )}
          <Action
            testId="action-choose-code"
            onPress={intents.chooseCode}
            disabled={!online}
            {...(online ? {} : { describedBy: offlineId })}
          >
            <QrCode className="size-60" aria-hidden="true" />
            {t('attract.chooseCode')}
          </Action>
          <p className="flex flex-wrap justify-center gap-x-14 text-fine leading-snug text-soft big:text-[calc(var(--tu)*26)]">
            <span>{t('attract.cabinet', { id: cabinet.id })}</span>
            <span aria-hidden="true">·</span>
            <span>{t('attract.phone', { phone: cabinet.servicePhone })}</span>
            <span aria-hidden="true" className="big:portrait:hidden">
              ·
            </span>
            <span>{t('attract.free')}</span>
          </p>
        </div>
      }
    >
      <Cabinet products={products} />
    </Stage>
  );
}

function Steps() {
  const { t } = useTranslation();
  return (
    <ol className="mt-36 grid grid-cols-[1fr_auto_1fr_auto_1fr] items-center gap-12 landscape:mt-40">
      <Step picture={<StepScan />}>{t('attract.stepScan')}</Step>
      <StepArrow />
      <Step picture={<StepTake />}>{t('attract.stepTake')}</Step>
      <StepArrow />
      <Step picture={<StepClose />}>{t('attract.stepClose')}</Step>
    </ol>
  );
}

function Step({ picture, children }: { picture: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-18 landscape:flex-col landscape:gap-14 big:portrait:flex-col big:portrait:gap-10">
      <span className="block h-92 w-116 shrink-0 landscape:h-104 landscape:w-132">{picture}</span>
      <span className="text-[calc(var(--tu)*31)] leading-tight font-semibold text-ink landscape:text-center big:text-center big:text-[calc(var(--tu)*28)]">
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

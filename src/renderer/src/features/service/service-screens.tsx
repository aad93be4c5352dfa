import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unreachable } from '../../../../shared/assert.ts';
import type { KioskApi } from '../../../../shared/ipc/table.schema.ts';
import type { ServiceView } from '../../../../shared/model/service.schema.ts';
import { pinLength, serviceCodeLength, staffNoLength } from '../../../../shared/model/service.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { NumberPad } from './number-pad.tsx';
import { OpenPanel } from './open-panel.tsx';
import { PinTwice } from './pin-twice.tsx';
import { RedFrame } from './red-frame.tsx';

type Calls = KioskApi['service'];
type ViewOf<S extends ServiceView['screen']> = Extract<ServiceView, { screen: S }>;

/** Service mode over the shopper's screen: number pad, a new PIN, or the work itself. */
export function ServiceScreens({ view, calls }: { view: ServiceView; calls: Calls }) {
  switch (view.screen) {
    case 'pad':
      return <Pad key={view.staffNo ?? ''} view={view} calls={calls} />;
    case 'newPin':
      return <NewPin view={view} calls={calls} />;
    case 'open':
      return <OpenPanel key={view.sessionId} view={view} calls={calls} />;
    default:
      return unreachable(view);
  }
}

function Pad({ view, calls }: { view: ViewOf<'pad'>; calls: Calls }) {
  const { t } = useTranslation();
  const [staffNo, setStaffNo] = useState(view.staffNo ?? '');
  const [secret, setSecret] = useState('');
  const [hasNo, setHasNo] = useState(view.staffNo !== null);
  const { isChecking, refusal, waitMs, needsCode, isAtWork, door } = view;
  const isWaiting = waitMs > 0 && secret.length <= pinLength.max;
  const canGoBack = hasNo && view.staffNo === null && secret === '';
  const minutes = Math.ceil(waitMs / 60_000);
  const done = (): void => {
    if (!hasNo) {
      setHasNo(true);
      return;
    }
    void calls.signIn({ staffNo, secret });
    setSecret('');
  };
  const lead =
    refusal === null
      ? t(needsCode ? 'serviceMode.needsCode' : 'serviceMode.padLead')
      : t(`serviceMode.refusal.${refusal}`);
  return (
    <>
      {isAtWork && <RedFrame />}
      <ScreenLayout
        screen="service"
        reason={refusal ?? 'pad'}
        title={t(isAtWork ? `serviceMode.atWork.${door}` : 'serviceMode.padTitle')}
        lead={
          <span data-testid="pad-lead">
            {lead} {waitMs > 0 && t('serviceMode.waitFor', { minutes })}
          </span>
        }
        footer={
          // There is nothing behind it while somebody's work is not over.
          (canGoBack || !isAtWork) && (
            <ActionButton
              testId="action-close"
              kind="secondary"
              onPress={() => {
                if (canGoBack) setHasNo(false);
                else void calls.close({});
              }}
            >
              {t('serviceMode.back')}
            </ActionButton>
          )
        }
      >
        <NumberPad
          label={t(hasNo ? 'serviceMode.pinOrCode' : 'serviceMode.staffNo')}
          value={hasNo ? secret : staffNo}
          isSecret={hasNo && secret.length <= pinLength.max}
          maxLength={hasNo ? serviceCodeLength : staffNoLength.max}
          isDisabled={isChecking}
          doneLabel={t(isChecking ? 'serviceMode.checking' : 'serviceMode.next')}
          canBeDone={
            hasNo ? secret.length >= pinLength.min && !isWaiting : staffNo.length >= staffNoLength.min
          }
          onChange={(value) => {
            (hasNo ? setSecret : setStaffNo)(value);
            // A long code is being read out: the pad stays.
            void calls.knock({});
          }}
          onDone={done}
        />
      </ScreenLayout>
    </>
  );
}

/** Whoever came in with a one-time code sets a PIN before anything else. */
function NewPin({ view, calls }: { view: ViewOf<'newPin'>; calls: Calls }) {
  const { t } = useTranslation();
  const { name, fault } = view;
  return (
    <ScreenLayout
      screen="service"
      reason={fault ?? 'newPin'}
      title={t('serviceMode.newPin.title', { name })}
      lead={fault === null ? t('serviceMode.newPin.lead') : t(`serviceMode.newPin.fault.${fault}`)}
    >
      <PinTwice
        onTyped={() => void calls.knock({})}
        onPin={(pin, again) => void calls.setPin({ pin, again })}
      />
    </ScreenLayout>
  );
}

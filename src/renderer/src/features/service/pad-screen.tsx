import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unreachable } from '../../../../shared/assert.ts';
import type { PinViewApi } from '../../../../shared/ipc/table.schema.ts';
import type { PinPad } from '../../../../shared/model/pin-pad.schema.ts';
import { pinLength, serviceCodeLength, staffNoLength } from '../../../../shared/model/service.ts';
import { ActionButton } from '../../ui/buttons.tsx';
import { ScreenLayout } from '../../ui/screen-layout.tsx';
import { NumberPad } from './number-pad.tsx';
import { PinTwice } from './pin-twice.tsx';
import { RedFrame } from './red-frame.tsx';

type Calls = PinViewApi['pin'];
interface PadProps<S extends PinPad['screen']> {
  readonly pad: Extract<PinPad, { screen: S }>;
  readonly calls: Calls;
}

/** What the PIN view draws: the way in, a new PIN, or the PIN once more for an act. */
export function PadScreen({ pad, calls }: { readonly pad: PinPad; readonly calls: Calls }) {
  return (
    <div className="contents" data-pad-id={pad.padId}>
      {pad.isUnbilled && <RedFrame />}
      <PadOf pad={pad} calls={calls} />
    </div>
  );
}

function PadOf({ pad, calls }: { readonly pad: PinPad; readonly calls: Calls }) {
  switch (pad.screen) {
    case 'signIn':
      return <SignIn key={pad.staffNo ?? ''} pad={pad} calls={calls} />;
    case 'newPin':
      return <NewPin pad={pad} calls={calls} />;
    case 'confirm':
      return <Confirm pad={pad} calls={calls} />;
    default:
      return unreachable(pad);
  }
}

function SignIn({ pad, calls }: PadProps<'signIn'>) {
  const { t } = useTranslation();
  const [staffNo, setStaffNo] = useState(pad.staffNo ?? '');
  const [secret, setSecret] = useState('');
  const [hasNo, setHasNo] = useState(pad.staffNo !== null);
  const { padId, isChecking, refusal, waitMs, needsCode, isAtWork, door } = pad;
  const isWaiting = waitMs > 0 && secret.length <= pinLength.max;
  const canGoBack = hasNo && pad.staffNo === null && secret === '';
  const minutes = Math.ceil(waitMs / 60_000);
  const done = (): void => {
    if (!hasNo) {
      setHasNo(true);
      return;
    }
    void calls.signIn({ padId, staffNo, secret });
    setSecret('');
  };
  const lead =
    refusal === null
      ? t(needsCode ? 'serviceMode.needsCode' : 'serviceMode.padLead')
      : t(`serviceMode.refusal.${refusal}`);
  return (
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
          <BackButton
            onPress={() => {
              if (canGoBack) setHasNo(false);
              else void calls.close({ padId });
            }}
          />
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
        canBeDone={hasNo ? secret.length >= pinLength.min && !isWaiting : staffNo.length >= staffNoLength.min}
        onChange={(value) => {
          (hasNo ? setSecret : setStaffNo)(value);
          // A long code is being read out: the pad stays.
          void calls.typed({ padId });
        }}
        onDone={done}
      />
    </ScreenLayout>
  );
}

/** Whoever came in with a one-time code sets a PIN before anything else; who has one may choose another. */
function NewPin({ pad, calls }: PadProps<'newPin'>) {
  const { t } = useTranslation();
  const { padId, name, fault, isChecking, mayGoBack } = pad;
  return (
    <ScreenLayout
      screen="service"
      reason={fault ?? 'newPin'}
      title={t('serviceMode.newPin.title', { name })}
      lead={fault === null ? t('serviceMode.newPin.lead') : t(`serviceMode.newPin.fault.${fault}`)}
      footer={mayGoBack && <BackButton onPress={() => void calls.close({ padId })} />}
    >
      <PinTwice
        isDisabled={isChecking}
        onTyped={() => void calls.typed({ padId })}
        onPin={(pin, again) => void calls.setPin({ padId, pin, again })}
      />
    </ScreenLayout>
  );
}

/** The PIN of whoever is signed in, for what main says that it is for. */
function Confirm({ pad, calls }: PadProps<'confirm'>) {
  const { t } = useTranslation();
  const [pin, setPin] = useState('');
  const { padId, name, act, isChecking } = pad;
  return (
    <ScreenLayout
      screen="service"
      reason="confirm"
      title={t('serviceMode.pinFor.title', { name })}
      lead={<span data-testid="pad-lead">{t(`serviceMode.pinFor.${act}`)}</span>}
      footer={<BackButton onPress={() => void calls.close({ padId })} />}
    >
      <NumberPad
        label={t('serviceMode.pinFor.label')}
        value={pin}
        isSecret
        maxLength={pinLength.max}
        isDisabled={isChecking}
        doneLabel={t(isChecking ? 'serviceMode.checking' : 'serviceMode.next')}
        canBeDone={pin.length >= pinLength.min}
        onChange={(value) => {
          setPin(value);
          void calls.typed({ padId });
        }}
        onDone={() => {
          void calls.confirm({ padId, pin });
          setPin('');
        }}
      />
    </ScreenLayout>
  );
}

function BackButton({ onPress }: { readonly onPress: () => void }) {
  const { t } = useTranslation();
  return (
    <ActionButton testId="action-close" kind="secondary" onPress={onPress}>
      {t('serviceMode.back')}
    </ActionButton>
  );
}

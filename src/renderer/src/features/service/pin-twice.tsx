import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pinLength } from '../../../../shared/model/service.ts';
import { NumberPad } from './number-pad.tsx';

/** A new PIN is typed twice; main says whether it may be one. */
export function PinTwice({
  onPin,
  onTyped,
  isDisabled,
}: {
  readonly onPin: (pin: string, again: string) => void;
  readonly onTyped: () => void;
  readonly isDisabled: boolean;
}) {
  const { t } = useTranslation();
  const [first, setFirst] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const done = (): void => {
    if (first !== null) onPin(first, typed);
    setFirst(first === null ? typed : null);
    setTyped('');
  };
  return (
    <NumberPad
      label={t(first === null ? 'serviceMode.newPin.first' : 'serviceMode.newPin.again')}
      value={typed}
      isSecret
      maxLength={pinLength.max}
      isDisabled={isDisabled}
      doneLabel={t('serviceMode.next')}
      canBeDone={typed.length >= pinLength.min}
      onChange={(value) => {
        setTyped(value);
        onTyped();
      }}
      onDone={done}
    />
  );
}

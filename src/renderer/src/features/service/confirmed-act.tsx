import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActionButton } from '../../ui/buttons.tsx';

/** An act whose effect is said in words before it is done: the first touch asks, the second does it. */
export function ConfirmedAct({
  name,
  label,
  effect,
  disabled,
  onDo,
}: {
  /** For the buttons' ids. */
  name: string;
  label: string;
  effect: string;
  disabled: boolean;
  onDo: () => void;
}) {
  const { t } = useTranslation();
  const [isAsked, setIsAsked] = useState(false);
  if (!isAsked)
    return (
      <ActionButton
        testId={`action-${name}`}
        kind="secondary"
        disabled={disabled}
        onPress={() => setIsAsked(true)}
      >
        {label}
      </ActionButton>
    );
  return (
    <div className="flex flex-col gap-16 rounded-tile bg-sunk p-24">
      <p className="text-label whitespace-pre-line">{effect}</p>
      <ActionButton
        testId={`action-${name}-yes`}
        disabled={disabled}
        onPress={() => {
          setIsAsked(false);
          onDo();
        }}
      >
        {label}
      </ActionButton>
      <ActionButton testId={`action-${name}-no`} kind="secondary" onPress={() => setIsAsked(false)}>
        {t('serviceMode.back')}
      </ActionButton>
    </div>
  );
}

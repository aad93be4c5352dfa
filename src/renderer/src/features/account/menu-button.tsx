import type { ReactNode } from 'react';
import type { Countdown } from '../../../../shared/model/visit.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';
import { ActionButton } from '../../ui/buttons.tsx';

interface MenuButtonProps {
  /** Undefined: another button carries it. */
  readonly countdown?: Countdown;
  readonly children: ReactNode;
}

/** Back to the menu of the account. */
export function MenuButton({ countdown, children }: MenuButtonProps) {
  const { intents } = useKiosk();
  return (
    <ActionButton testId="action-menu" kind="secondary" onPress={intents.menu} countdown={countdown}>
      {children}
    </ActionButton>
  );
}

import type { ReactNode } from 'react';
import type { Countdown } from '../../../shared/model/visit.ts';
import { useKiosk } from '../kiosk/context.ts';
import { Action, Actions, QuietAction } from './action.tsx';
import { Ring } from './ring.tsx';

interface LeaveProps {
  /** How long the screen stays by itself. */
  readonly countdown: Countdown;
  readonly children: ReactNode;
}

/** Back to the start, as one of the big buttons. */
export function CancelAction({ countdown, children }: LeaveProps) {
  const { intents } = useKiosk();
  return (
    <Action testId="action-cancel" kind="secondary" onPress={intents.cancel}>
      {children}
      <Ring countdown={countdown} size={84} width={9} textClassName="text-[calc(var(--u)*34)] text-ink" />
    </Action>
  );
}

/** Back to the start, below two other ways. */
export function Back({ countdown, children }: LeaveProps) {
  const { intents } = useKiosk();
  return (
    <QuietAction testId="action-cancel" onPress={intents.cancel}>
      {children}
      <Ring countdown={countdown} size={64} width={9} textClassName="text-[calc(var(--u)*28)] text-ink" />
    </QuietAction>
  );
}

/** Back to the menu of "my data". `countdown` null: another button carries it. */
export function BackToMenu({ countdown, children }: { countdown: Countdown | null; children: ReactNode }) {
  const { intents } = useKiosk();
  return (
    <Action testId="action-menu" kind="secondary" onPress={() => intents.account({ do: 'menu' })}>
      {children}
      {countdown !== null && (
        <Ring countdown={countdown} size={84} width={9} textClassName="text-[calc(var(--u)*34)] text-ink" />
      )}
    </Action>
  );
}

/** Big buttons side by side and a quiet one below. */
export function Foot({ back, children }: { back: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-24">
      <div className="w-full">
        <Actions>{children}</Actions>
      </div>
      {back}
    </div>
  );
}

import type { ReactNode } from 'react';
import type { Countdown } from '../../../shared/model/visit.schema.ts';
import { useKiosk } from '../kiosk/context.ts';
import { ActionButton, ButtonRow, QuietButton } from './buttons.tsx';

interface LeaveButtonProps {
  /** How long the screen stays by itself. */
  readonly countdown: Countdown;
  readonly children: ReactNode;
}

/** Back to the start, as one of the big buttons; `primary` where nothing else helps. */
export function CancelButton({
  countdown,
  children,
  kind = 'secondary',
}: LeaveButtonProps & { readonly kind?: 'primary' | 'secondary' }) {
  const { intents } = useKiosk();
  return (
    <ActionButton testId="action-cancel" kind={kind} onPress={intents.cancel} countdown={countdown}>
      {children}
    </ActionButton>
  );
}

/** Back to the start, below two other choices. */
export function BackButton({ countdown, children }: LeaveButtonProps) {
  const { intents } = useKiosk();
  return (
    <QuietButton testId="action-cancel" onPress={intents.cancel} countdown={countdown}>
      {children}
    </QuietButton>
  );
}

/** Big buttons side by side and a quiet one below. */
export function FooterActions({ back, children }: { back: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-24">
      <div className="w-full">
        <ButtonRow>{children}</ButtonRow>
      </div>
      {back}
    </div>
  );
}

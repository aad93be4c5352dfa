import type { ReactNode } from 'react';
import { useEffect, useId, useRef } from 'react';
import { useSpeech } from '../i18n/words.ts';
import { Button, type ButtonLook } from './button.tsx';

/** A question about what cannot be taken back. The browser's own: it keeps the focus, ends with Escape, and gives the focus back. */
export function Dialog({
  title,
  children,
  yes,
  yesLook = 'danger',
  isBusy = false,
  onYes,
  onNo,
}: {
  title: string;
  children: ReactNode;
  yes: string;
  yesLook?: ButtonLook;
  isBusy?: boolean;
  onYes: () => void;
  onNo: () => void;
}) {
  const { words } = useSpeech();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const open = dialog.current;
    open?.showModal();
    return () => open?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className="m-auto w-[calc(100%-2rem)] max-w-md rounded-card bg-card p-5 text-ink shadow-above"
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <h2 id={id} className="text-heading font-bold">
        {title}
      </h2>
      <div className="mt-2">{children}</div>
      <div className="mt-5 flex flex-col gap-3">
        <Button look={yesLook} isWide isOff={isBusy} onPress={onYes} testId="dialog-yes">
          {yes}
        </Button>
        {/* An Enter too many takes nothing away. */}
        <Button isWide autoFocus onPress={onNo} testId="dialog-no">
          {words.cancel}
        </Button>
      </div>
    </dialog>
  );
}

import { type ReactNode, type SubmitEvent, useState } from 'react';
import type { Failed } from '../base/client.ts';
import { useWords } from '../i18n/words.ts';
import { Button } from './button.tsx';
import { FailedNote, Note } from './note.tsx';
import { TextField } from './text-field.tsx';

const reasonLeast = 3;

/** Asks why, and does it. `onSubmit` gives why it could not be done. */
export function ReasonForm({
  label,
  submit,
  conflict,
  wrong,
  isGrave = false,
  children,
  onCancel,
  onSubmit,
}: {
  label: string;
  submit: string;
  /** What is said where it may not be done so. */
  conflict?: string;
  /** What is said where something was filled in that is not right. */
  wrong?: string;
  isGrave?: boolean;
  children?: ReactNode;
  onCancel: () => void;
  onSubmit: (reason: string) => Promise<Failed | null>;
}) {
  const words = useWords();
  const [reason, setReason] = useState('');
  const [failed, setFailed] = useState<Failed | 'reason' | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (reason.trim().length < reasonLeast) {
      setFailed('reason');
      return;
    }
    setBusy(true);
    setFailed(await onSubmit(reason.trim()));
    setBusy(false);
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void send(event)}>
      {children}
      <TextField
        label={label}
        value={reason}
        onChange={setReason}
        maxLength={150}
        autoFocus={children === undefined}
      />
      {failed === 'reason' && (
        <Note look="bad" alert>
          {words.acts.badReason}
        </Note>
      )}
      {failed !== null && failed !== 'reason' && (
        <FailedNote
          failed={failed}
          instead={failed.code === 'conflict' ? conflict : failed.code === 'bad_request' ? wrong : undefined}
        />
      )}
      <div className="flex flex-wrap justify-end gap-3">
        <Button onPress={onCancel}>{words.cancel}</Button>
        <Button look={isGrave ? 'danger' : 'primary'} type="submit" isDisabled={busy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

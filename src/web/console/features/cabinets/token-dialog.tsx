import { useState } from 'react';
import type { ConsoleReply } from '../../../../shared/console/routes.ts';
import type { KnownCabinet } from '../../../../shared/console/fleet.schema.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { DialogBox } from '../../ui/dialog.tsx';
import { Note } from '../../ui/note.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { TextField } from '../../ui/text-field.tsx';

export type Given = ConsoleReply<'cabinetToken'>;

/** Opens the enrolment of a cabinet. `cabinet` null: of a new one, whose number is asked for. */
export function TokenDialog({
  cabinet,
  onClose,
  onGiven,
}: {
  cabinet: Pick<KnownCabinet, 'cabinetId' | 'tokenVersion'> | null;
  onClose: () => void;
  onGiven: (given: Given) => void;
}) {
  const words = useWords().cabinets;
  const client = useClient();
  const cabinetId = cabinet?.cabinetId ?? null;
  const [number, setNumber] = useState(cabinetId ?? '');
  const submit = async (reason: string): Promise<Failed | null> => {
    const version = cabinet?.tokenVersion ?? null;
    const answer = await client.ask('cabinetToken', { reason, version }, { cabinetId: number.trim() });
    if (!answer.ok) return answer.error;
    onGiven(answer.value);
    return null;
  };
  return (
    <DialogBox heading={cabinetId === null ? words.add : words.tokenFor(cabinetId)} onClose={onClose}>
      <p className="text-label text-soft">{words.tokenLead}</p>
      {cabinetId !== null && <Note look="care">{words.replaceLead}</Note>}
      <ReasonForm
        label={words.reason}
        submit={words.give}
        wrong={words.badNumber}
        {...(cabinet === null ? { conflict: words.numberTaken } : {})}
        onCancel={onClose}
        onSubmit={submit}
      >
        <TextField
          label={words.number}
          hint={words.numberHint}
          value={number}
          onChange={setNumber}
          isReadOnly={cabinetId !== null}
          isRequired
          autoFocus
        />
      </ReasonForm>
    </DialogBox>
  );
}
